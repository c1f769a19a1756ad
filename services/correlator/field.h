/* field: names of what a rule may look at (correlation.md, "What a rule may look at"). */
#pragma once

#include "correlator/correlation.h"

/* Looks up an event field or fields.<path>. False: @why says why not, and what would do. */
bool field_find(struct text name, struct correlation_field *field, char *why, size_t size);
