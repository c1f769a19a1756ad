/* chain: which of a temporal rule's selections have been seen lately, in any order or in theirs.
 *
 * Walks forward in time; for each number of selections it remembers the latest moment at which a
 * run of that many begins that is complete by now. So whether a window holds one is a comparison.
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
    int64_t *starts;     /* owned. In any order: [i] when selection i was last seen. In theirs:
                            [i * (count + 1) + n] the latest start of a run of n among the first i */
};

void chain_init(struct chain *chain, size_t count, bool is_ordered);
void chain_done(struct chain *chain);
void chain_restart(struct chain *chain);

/* At @at_ms, not before where it stands, there are events of @selections (bits). May be called
 * again for the same moment. */
void chain_step(struct chain *chain, int64_t at_ms, uint32_t selections);

/* How many selections, of the longest run, the window from @from_ms until now holds. */
int64_t chain_length(const struct chain *chain, int64_t from_ms);
