/* expect: reads what a rule for silence expects: whose logs must keep coming, and how often. */
#pragma once

#include "correlator/draft.h"

int expect_read(struct reading *reading, const struct node *node, struct draft *draft,
                struct error *err);
