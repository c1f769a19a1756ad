/* header_facts: what comments at the head and foot of a text feed say about it: its date, how many
 * entries it should have. */
#pragma once

#include "iocfeed/intake.h"

/* @comment: one comment line, without its sign. */
void header_facts_note(struct text comment, struct intake *intake);
