/* timers: what is to happen when, soonest first.
 *
 * A heap whose members know their place, so that one can be moved or taken out. Never reads a
 * clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Part of what it is for; starts as {0}. */
struct timer {
    int64_t due_ms;
    size_t place; /* in the heap, from 1; 0: not set */
};

/* Starts as {0}. */
struct timers {
    struct timer **heap; /* owned; the timers are not */
    size_t count;
    size_t capacity;
};

void timers_done(struct timers *timers);
void timers_set(struct timers *timers, struct timer *timer, int64_t due_ms);
void timers_clear(struct timers *timers, struct timer *timer); /* one that is not set is fine */
/* Takes out the soonest that is due at @now_ms; NULL: none is. */
struct timer *timers_take(struct timers *timers, int64_t now_ms);
