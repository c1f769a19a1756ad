/* trials: the `tests:` of a rule: events (or logs) at offsets, and the
 * alerts that must come of them. */
#pragma once

#include "correlator/draft.h"

int trials_read(struct reading *reading, const struct node *node, struct draft *draft,
                struct error *err);
