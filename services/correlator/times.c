#include "correlator/times.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void times_done(struct times *times)
{
    free(times->items);
    *times = (struct times){0};
}

size_t times_before(const struct times *times, int64_t at_ms)
{
    size_t low = 0, high = times->count;

    if (high == 0 || times_at(times, high - 1) < at_ms)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (times_at(times, middle) < at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Moves what is there to the front once half of the array is gone, so that adding stays cheap. */
static void compact(struct times *times)
{
    if (times->first == 0 || times->first < times->count)
        return;
    memmove(times->items, times->items + times->first, times->count * sizeof(*times->items));
    times->first = 0;
}

void times_add(struct times *times, int64_t at_ms)
{
    size_t at = times_before(times, at_ms);

    compact(times);
    times->items = mem_grow(times->items, times->first + times->count, &times->capacity,
                            sizeof(*times->items));
    int64_t *place = times->items + times->first + at;

    memmove(place + 1, place, (times->count - at) * sizeof(*place));
    *place = at_ms;
    times->count++;
}

static void drop_first(struct times *times, size_t count)
{
    times->first += count;
    times->count -= count;
}

void times_drop(struct times *times, int64_t at_ms)
{
    size_t at = times_before(times, at_ms);
    int64_t *place = times->items + times->first + at;

    if (at == 0) {
        drop_first(times, 1);
        return;
    }
    memmove(place, place + 1, (times->count - at - 1) * sizeof(*place));
    times->count--;
}

void times_drop_before(struct times *times, int64_t at_ms)
{
    drop_first(times, times_before(times, at_ms));
}

bool times_any_within(const struct times *times, int64_t from_ms, int64_t to_ms)
{
    size_t at = times_before(times, from_ms);

    return at < times->count && times_at(times, at) <= to_ms;
}
