/* times: moments in ascending order, most of which come at the end and go from the front. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Starts as {0}. */
struct times {
    int64_t *items; /* owned */
    size_t first;   /* those before it are gone */
    size_t count;   /* behind @first */
    size_t capacity;
};

void times_done(struct times *times);

void times_add(struct times *times, int64_t at_ms);
/* Takes one away that is there. */
void times_drop(struct times *times, int64_t at_ms);
void times_drop_before(struct times *times, int64_t at_ms);

/* How many are before @at_ms: the place of the first that is not. */
size_t times_before(const struct times *times, int64_t at_ms);
bool times_any_within(const struct times *times, int64_t from_ms, int64_t to_ms);

static inline int64_t times_at(const struct times *times, size_t i)
{
    return times->items[times->first + i];
}
