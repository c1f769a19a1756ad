/* selection: what one name in `rules:` stands for. */
#pragma once

#include "correlator/reading.h"

/* @item of `rules:` in @block: a selection of the block's own, an event type or rule id, or a name
 * that only the set can look up. */
int selection_read(const struct reading *reading, const struct node *block, const struct node *item,
                   struct correlation_selection *selection, struct error *err);

/* A selection that no rule names is a mistake. */
int selection_check_unused(const struct reading *reading, const struct node *block,
                           struct error *err);

/* Neither events nor a rule yet. */
bool selection_is_linked_later(const struct correlation_selection *selection);

/* The event type of a Sigma rule that is called by its UUID; empty if @name is none. In @arena. */
struct text selection_type_of_uuid(struct text name, struct arena *arena);
