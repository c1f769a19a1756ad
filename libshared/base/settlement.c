#include "base/settlement.h"

#include <assert.h>
#include <stdlib.h>

struct span {
    struct settlement *settlement; /* NULL: gone */
    struct span *after;
    int64_t next;
    size_t open;
};

struct settlement {
    struct span *first, *last;
    size_t open;
};

struct settlement *settlement_new(void)
{
    return mem_zero(sizeof(struct settlement));
}

struct span *settlement_add(struct settlement *settlement, int64_t next, size_t messages)
{
    struct span *span = mem_zero(sizeof(*span));

    assert(messages > 0);
    span->settlement = settlement;
    span->next = next;
    span->open = messages;
    if (settlement->last)
        settlement->last->after = span;
    else
        settlement->first = span;
    settlement->last = span;
    settlement->open += messages;
    return span;
}

bool settlement_settle(struct span *span, size_t messages)
{
    assert(messages <= span->open);
    span->open -= messages;
    if (span->settlement) {
        span->settlement->open -= messages;
        return true;
    }
    if (span->open == 0)
        free(span);
    return false;
}

bool settlement_is_gone(const struct span *span)
{
    return !span->settlement;
}

bool settlement_cut(struct span *span, int64_t next, size_t messages)
{
    bool is_left = span->open > messages;

    span->next = next;
    settlement_settle(span, messages);
    return is_left;
}

bool settlement_advance(struct settlement *settlement, int64_t *next)
{
    bool moved = false;

    while (settlement->first && settlement->first->open == 0) {
        struct span *done = settlement->first;

        *next = done->next;
        moved = true;
        settlement->first = done->after;
        free(done);
    }
    if (!settlement->first)
        settlement->last = NULL;
    return moved;
}

bool settlement_has_moved(const struct settlement *settlement)
{
    return settlement->first && settlement->first->open == 0;
}

size_t settlement_open(const struct settlement *settlement)
{
    return settlement->open;
}

void settlement_free(struct settlement *settlement)
{
    if (!settlement)
        return;
    for (struct span *span = settlement->first, *after; span; span = after) {
        after = span->after;
        span->settlement = NULL;
        span->after = NULL;
        if (span->open == 0)
            free(span);
    }
    free(settlement);
}
