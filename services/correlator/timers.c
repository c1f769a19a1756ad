#include "correlator/timers.h"

#include <stdlib.h>

#include "base/mem.h"

void timers_done(struct timers *timers)
{
    free(timers->heap);
    *timers = (struct timers){0};
}

static void put(struct timers *timers, size_t place, struct timer *timer)
{
    timers->heap[place - 1] = timer;
    timer->place = place;
}

static struct timer *at(const struct timers *timers, size_t place)
{
    return timers->heap[place - 1];
}

static void rise(struct timers *timers, struct timer *timer)
{
    size_t place = timer->place;

    for (; place > 1 && at(timers, place / 2)->due_ms > timer->due_ms; place /= 2)
        put(timers, place, at(timers, place / 2));
    put(timers, place, timer);
}

static void sink(struct timers *timers, struct timer *timer)
{
    size_t place = timer->place, below;

    for (; (below = 2 * place) <= timers->count; place = below) {
        if (below < timers->count && at(timers, below + 1)->due_ms < at(timers, below)->due_ms)
            below++;
        if (at(timers, below)->due_ms >= timer->due_ms)
            break;
        put(timers, place, at(timers, below));
    }
    put(timers, place, timer);
}

void timers_set(struct timers *timers, struct timer *timer, int64_t due_ms)
{
    timer->due_ms = due_ms;
    if (timer->place == 0) {
        timers->heap =
            mem_grow(timers->heap, timers->count, &timers->capacity, sizeof(struct timer *));
        put(timers, ++timers->count, timer);
    }
    rise(timers, timer);
    sink(timers, timer);
}

void timers_clear(struct timers *timers, struct timer *timer)
{
    size_t place = timer->place;

    if (place == 0)
        return;
    struct timer *last = at(timers, timers->count--);

    timer->place = 0;
    if (last == timer)
        return;
    put(timers, place, last);
    rise(timers, last);
    sink(timers, last);
}

struct timer *timers_take(struct timers *timers, int64_t now_ms)
{
    if (timers->count == 0 || timers->heap[0]->due_ms > now_ms)
        return NULL;
    struct timer *timer = timers->heap[0];

    timers_clear(timers, timer);
    return timer;
}
