#include "unit.h"

#include "base/record.h"
#include "detector/timing_risk.h"

/* 2026-01-30 is a Friday. */
static void hours_and_days_are_the_logs_own(void **state)
{
    static const struct {
        const char *name, *time;
        int want;
    } cases[] = {
        {"a working hour", "2026-01-30T14:00:00Z", 0},
        {"last minute of the night", "2026-01-30T05:59:59Z", 2},
        {"six", "2026-01-30T06:00:00Z", 0},
        {"still evening", "2026-01-30T22:59:59Z", 0},
        {"eleven at night", "2026-01-30T23:00:00Z", 2},
        {"Saturday noon", "2026-01-31T12:00:00Z", 1},
        {"Sunday night", "2026-02-01T03:00:00Z", 3},
        {"Monday", "2026-02-02T12:00:00Z", 0},
        {"night there, noon in UTC", "2026-01-30T23:30:00+09:00", 2},
        {"noon there, night in UTC", "2026-01-30T12:00:00+09:00", 0},
        {"Saturday there, Friday in UTC", "2026-01-31T08:00:00+09:00", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct moment moment;

        assert_true(moment_parse_rfc3339(text_of(cases[i].time), NULL, &moment));
        int got = timing_risk_of_hour(moment);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].name, got, cases[i].want);
    }
}

static void more_than_ten_events_are_a_pace(void **state)
{
    (void)state;
    assert_int_equal(timing_risk_of_pace(RECORD_NULL), 0);
    assert_int_equal(timing_risk_of_pace(0), 0);
    assert_int_equal(timing_risk_of_pace(10), 0);
    assert_int_equal(timing_risk_of_pace(11), 3);
}

UNIT_MAIN(cmocka_unit_test(hours_and_days_are_the_logs_own),
          cmocka_unit_test(more_than_ten_events_are_a_pace))
