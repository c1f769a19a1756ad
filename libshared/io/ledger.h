/* ledger: the figures that every worker keeps of its messages.
 *
 * Conservation: consumed = produced + nothing + dead_lettered + given_back + in flight, at every
 * moment. Names begin with haechi_<service>_.
 */
#pragma once

#include <stddef.h>

#include "base/metrics.h"

enum ledger_outcome {
    LEDGER_PRODUCED,      /* something was made from it, and all of that is acknowledged */
    LEDGER_NOTHING,       /* nothing was made from it */
    LEDGER_DEAD_LETTERED, /* acknowledged in dead letters */
    LEDGER_GIVEN_BACK,    /* its partition went before it was settled: it will be delivered again */
    LEDGER_OUTCOMES
};

struct ledger {
    struct metrics *metrics;
    const char *service;
    struct metric_label lane; /* or none */
    struct counter *consumed;
    struct counter *outcomes[LEDGER_OUTCOMES];
    struct gauge *in_flight;
    struct counter *batch_retries, *resent, *expired, *rebalances;
    struct gauge *assigned, *paused;
    struct histogram *batch_seconds, *ack_seconds;
    size_t open; /* what in_flight shows */
};

/* @metrics and @service are borrowed. */
void ledger_init(struct ledger *ledger, struct metrics *metrics, const char *service);
/* Of one lane of several, whose label is in every series. */
void ledger_init_lane(struct ledger *ledger, struct metrics *metrics, const char *service,
                      struct metric_label lane);

void ledger_consume(struct ledger *ledger, size_t messages);
void ledger_settle(struct ledger *ledger, enum ledger_outcome outcome, size_t messages);

struct counter *ledger_produced_to(struct ledger *ledger, const char *topic);
struct counter *ledger_dead_letters(struct ledger *ledger, const char *reason);
struct gauge *ledger_lag(struct ledger *ledger, const char *topic, int partition);
