/* event_time: the time that correlation goes by (correlation.md, "Events").
 *
 * The log's own time, or Kafka's record time where the log has none or runs ahead of it by more
 * than a bound: one sender with a broken clock must not push everybody's windows into the future.
 * Old times are kept, so that a backfill correlates within itself. Depends on the record alone, so
 * that a redelivery gets the same; only where Kafka's time itself is ahead of ours does our clock
 * stand in.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct event_time_input {
    bool has_log_time;
    int64_t log_ms;
    int64_t kafka_ms; /* -1: none, as in `haechi scan` */
    int64_t now_ms;
    int64_t max_skew_ms;
};

struct event_time {
    int64_t ms;
    bool clock_ahead;  /* the log's time was not believed */
    bool clock_broken; /* Kafka's was not */
};

struct event_time event_time_of(const struct event_time_input *input);
