/* correlation_notes: what in a correlation is right, and yet looks like a slip. */
#pragma once

#include "correlator/correlation.h"
#include "detector/rule.h"

/* A line for each name that no rule of @ruleset, the built-in ones, goes by, neither as type nor as
 * id, while one has a name very near: of others nothing is known. */
void correlation_notes_write(const struct correlation *rule, const struct ruleset *ruleset,
                             struct buf *out);
