/* chain: which of a temporal rule's selections have been seen lately, in any order or in theirs.
 *
 * Walks forward in time, and remembers when each selection was last seen, or, in their order, the
 * latest moment at which a run up to it begins. So whether a window holds one is a comparison.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Starts by chain_init(). */
struct chain {
    size_t count; /* of selections */
    bool is_ordered;
    int64_t at_ms;       /* how far it has walked; INT64_MIN: nowhere */
    uint32_t selections; /* seen at at_ms */
    int64_t *starts;     /* of each selection, owned */
};

void chain_init(struct chain *chain, size_t count, bool is_ordered);
void chain_done(struct chain *chain);
void chain_restart(struct chain *chain);

/* At @at_ms, not before where it stands, there are events of @selections (bits). May be called
 * again for the same moment. */
void chain_step(struct chain *chain, int64_t at_ms, uint32_t selections);

/* How many selections the window from @from_ms until now holds; in their order all, or none. */
int64_t chain_length(const struct chain *chain, int64_t from_ms);
