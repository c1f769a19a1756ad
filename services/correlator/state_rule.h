/* state_rule: how a group's state names a rule: by its shape (shape.h), or as that of single events
 * of a type.
 */
#pragma once

#include "correlator/pack.h"
#include "correlator/router.h"

void state_rule_write(const struct plan *plan, struct buf *name);
/* NULL: this correlator has no such rule. @scratch as unpack->copies. */
struct plan *state_rule_find(struct router *router, struct text name, struct arena *scratch);
