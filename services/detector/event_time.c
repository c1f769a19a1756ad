#include "detector/event_time.h"

struct event_time event_time_of(const struct event_time_input *input)
{
    struct event_time result = {0};
    int64_t kafka_ms = input->kafka_ms;

    if (kafka_ms < 0) {
        result.ms = input->has_log_time ? input->log_ms : input->now_ms;
        return result;
    }
    if (kafka_ms > input->now_ms + input->max_skew_ms) {
        result.clock_broken = true;
        kafka_ms = input->now_ms;
    }
    result.clock_ahead = input->has_log_time && input->log_ms > kafka_ms + input->max_skew_ms;
    result.ms = input->has_log_time && !result.clock_ahead ? input->log_ms : kafka_ms;
    return result;
}
