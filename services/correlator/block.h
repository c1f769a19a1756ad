/* block: the `correlation:` of a rule: what it counts, in which groups, within which time. */
#pragma once

#include "correlator/draft.h"

/* Reads all but what other rules have to say: a name in rules: that is no selection of the rule's
 * own and no event type is left for the set to link. */
int block_read(struct reading *reading, const struct node *node, struct draft *draft,
               struct error *err);

/* Where the group-by's values are in events of @selection; block_read() has it for the selections
 * that it knows to be of events. */
int block_set_keys(const struct reading *reading, const struct node *block,
                   const struct correlation *rule, struct correlation_selection *selection,
                   struct error *err);
/* @selection is a count's: its values are where that rule says, so an alias may not say it. */
int block_check_count(const struct reading *reading, const struct node *block,
                      const struct correlation *rule, const struct correlation_selection *selection,
                      struct error *err);
