#include "correlator/chain.h"

#include <stdlib.h>

#include "base/mem.h"

void chain_init(struct chain *chain, size_t count, bool is_ordered)
{
    *chain = (struct chain){.count = count, .is_ordered = is_ordered};
    chain->starts = mem_zero(chain->count * sizeof(*chain->starts));
    chain_restart(chain);
}

void chain_done(struct chain *chain)
{
    free(chain->starts);
    *chain = (struct chain){0};
}

void chain_restart(struct chain *chain)
{
    chain->at_ms = INT64_MIN;
    chain->selections = 0;
    for (size_t i = 0; i < chain->count; i++)
        chain->starts[i] = INT64_MIN;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A selection that is seen goes on the run of those before it. What is seen at the same moment
 * goes on too, since times need only not decrease. */
static void step_ordered(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        if (chain->selections & UINT32_C(1) << i)
            chain->starts[i] =
                i == 0 ? chain->at_ms : later(chain->starts[i], chain->starts[i - 1]);
    }
}

void chain_step(struct chain *chain, int64_t at_ms, uint32_t selections)
{
    if (at_ms != chain->at_ms)
        chain->selections = 0;
    chain->at_ms = at_ms;
    chain->selections |= selections;
    if (chain->is_ordered) {
        step_ordered(chain);
        return;
    }
    for (size_t i = 0; i < chain->count; i++) {
        if (chain->selections & UINT32_C(1) << i)
            chain->starts[i] = at_ms;
    }
}

int64_t chain_length(const struct chain *chain, int64_t from_ms)
{
    int64_t length = 0;

    if (chain->is_ordered)
        return chain->starts[chain->count - 1] >= from_ms ? (int64_t)chain->count : 0;
    for (size_t i = 0; i < chain->count; i++)
        length += chain->starts[i] >= from_ms;
    return length;
}
