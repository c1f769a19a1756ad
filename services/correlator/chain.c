#include "correlator/chain.h"

#include <stdlib.h>

#include "base/mem.h"

static size_t cells(const struct chain *chain)
{
    return chain->is_ordered ? (chain->count + 1) * (chain->count + 1) : chain->count;
}

void chain_init(struct chain *chain, size_t count, bool is_ordered)
{
    *chain = (struct chain){.count = count, .is_ordered = is_ordered};
    chain->starts = mem_zero(cells(chain) * sizeof(*chain->starts));
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
    for (size_t i = 0; i < cells(chain); i++)
        chain->starts[i] = INT64_MIN;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t *run(struct chain *chain, size_t among, size_t length)
{
    return &chain->starts[among * (chain->count + 1) + length];
}

/* A selection seen now goes on every run of the selections before it, and is one by itself. What
 * is seen at the same moment goes on too, since times need only not decrease. */
static void step_ordered(struct chain *chain)
{
    for (size_t i = 1; i <= chain->count; i++) {
        bool is_seen = chain->selections & UINT32_C(1) << (i - 1);

        for (size_t n = 1; n <= i; n++) {
            int64_t *start = run(chain, i, n);

            if (n < i)
                *start = later(*start, *run(chain, i - 1, n));
            if (is_seen)
                *start = later(*start, n == 1 ? chain->at_ms : *run(chain, i - 1, n - 1));
        }
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

    if (chain->is_ordered) {
        const int64_t *all = &chain->starts[chain->count * (chain->count + 1)];

        for (size_t n = 1; n <= chain->count; n++) {
            if (all[n] >= from_ms)
                length = (int64_t)n;
        }
        return length;
    }
    for (size_t i = 0; i < chain->count; i++)
        length += chain->starts[i] >= from_ms;
    return length;
}
