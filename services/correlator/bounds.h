/* bounds: the `condition:` of a correlation: what a window's number must be. */
#pragma once

#include "correlator/reading.h"

/* Reads condition, with the field and percentile of value_*, into @rule, whose type, group-by and
 * number of selections are known. Refuses what can never hold, what would need more members than a
 * group may have, and what a temporal rule cannot ask for. */
int bounds_read(const struct reading *reading, const struct node *block, struct correlation *rule,
                struct error *err);
