/* gate: when the next request to a target may go: its rate, and a circuit breaker.
 *
 * After a failure nobody asks the target until a wait is over (patience.h), and then one asks for
 * all: the others wait for what it hears. Pure, not thread-safe.
 */
#pragma once

#include <stdbool.h>

#include "base/patience.h"

struct gate {
    struct patience patience;
    double max_rate;    /* requests a second; 0: any */
    int64_t turn_us;    /* not before, by the rate */
    int64_t shut_us;    /* not before, by a failure or the target's wish */
    bool is_broken;     /* what was heard last is a failure */
    bool has_messenger; /* somebody asks whether it is well again */
};

/* What gate_pass() says of one who has to wait for what another hears. */
enum { GATE_UNTIL_NEWS = -1 };

/* 0: go, and tell the gate what came of it by one of the functions below. Else how many
 * microseconds to wait before asking again, or GATE_UNTIL_NEWS. */
int64_t gate_pass(struct gate *gate, int64_t now_us);

/* The target answered. @asked_ms: what it wishes as a wait before the next; 0: none. */
void gate_worked(struct gate *gate, int64_t now_us, int64_t asked_ms);
/* It did not, or not for all. @least_ms: no shorter wait; @random is any number. Returns how many
 * milliseconds the gate stays shut. */
int64_t gate_failed(struct gate *gate, int64_t now_us, int64_t asked_ms, int64_t least_ms,
                    uint64_t random);
/* Nothing was asked, or nothing is known of it. */
void gate_turned_back(struct gate *gate);
/* Something was mended: ask at once. */
void gate_mended(struct gate *gate);
