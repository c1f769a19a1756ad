#include "unit.h"

#include "detector/event_time.h"

#define SKEW 300000LL
#define NOW 1800000000000LL

static void it_is_bounded_by_the_records_own_time(void **state)
{
    static const struct {
        const char *name;
        int64_t log_ms, kafka_ms, want_ms;
        bool has_log_time, ahead, broken;
    } cases[] = {
        {"the log's own", NOW - 1000, NOW, NOW - 1000, true, false, false},
        {"none: Kafka's", 0, NOW - 7, NOW - 7, false, false, false},
        {"an old log stays old", 1000, NOW, 1000, true, false, false},
        {"ahead by exactly the bound", NOW + SKEW, NOW, NOW + SKEW, true, false, false},
        {"ahead by more", NOW + SKEW + 1, NOW, NOW, true, true, false},
        {"ahead of an old record", NOW, NOW - SKEW - 1, NOW - SKEW - 1, true, true, false},
        {"Kafka ahead of us within the bound", 0, NOW + SKEW, NOW + SKEW, false, false, false},
        {"Kafka ahead of us: our clock", 0, NOW + SKEW + 1, NOW, false, false, true},
        {"both ahead", NOW + 2 * SKEW, NOW + 2 * SKEW, NOW, true, true, true},
        {"Kafka ahead, the log is fine", NOW - 3, NOW + 2 * SKEW, NOW - 3, true, false, true},
        {"no Kafka: the log's, whatever it is", NOW + 9 * SKEW, -1, NOW + 9 * SKEW, true, false,
         false},
        {"no Kafka, no time", 0, -1, NOW, false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct event_time got = event_time_of(&(struct event_time_input){
            cases[i].has_log_time, cases[i].log_ms, cases[i].kafka_ms, NOW, SKEW});

        if (got.ms != cases[i].want_ms || got.clock_ahead != cases[i].ahead ||
            got.clock_broken != cases[i].broken)
            fail_msg("%s: got now%+lld %d %d, want now%+lld %d %d", cases[i].name,
                     (long long)(got.ms - NOW), got.clock_ahead, got.clock_broken,
                     (long long)(cases[i].want_ms - NOW), cases[i].ahead, cases[i].broken);
    }
}

UNIT_MAIN(cmocka_unit_test(it_is_bounded_by_the_records_own_time))
