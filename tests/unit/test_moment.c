#include "unit.h"

#include <stdlib.h>

#include "base/moment.h"

static struct zone *open_zone(const char *name)
{
    struct error err;
    struct zone *zone = zone_open(name, &err);

    if (!zone)
        fail_msg("%s", err.text);
    return zone;
}

static void unit_moment(const char *name, bool found, struct moment got, const char *want,
                        int offset_minutes)
{
    AUTO_BUF text = {0};

    if (!want) {
        if (found)
            fail_msg("%s: taken, as %lld", name, (long long)got.ms);
        return;
    }
    if (!found)
        fail_msg("%s: refused", name);
    moment_write(got.ms, &text);
    unit_text(name, buf_text(&text), want);
    if (got.offset_minutes != offset_minutes)
        fail_msg("%s: got offset %d, want %d", name, got.offset_minutes, offset_minutes);
}

static void rfc3339_and_its_relatives(void **state)
{
    static const struct {
        const char *text, *want; /* NULL: refused */
        int offset_minutes;
    } cases[] = {
        {"2026-01-31T13:55:36Z", "2026-01-31T13:55:36.000Z", 0},
        {"2026-01-31t13:55:36z", "2026-01-31T13:55:36.000Z", 0},
        {"2026-01-31 13:55:36", "2026-01-31T13:55:36.000Z", 0},
        {"  2026-01-31T13:55:36Z\n", "2026-01-31T13:55:36.000Z", 0},
        {"2026-01-31T13:55:36.25+09:00", "2026-01-31T04:55:36.250Z", 540},
        {"2026-01-31T13:55:36,123456789-0330", "2026-01-31T17:25:36.123Z", -210},
        {"2026-01-31 13:55:36 +0900", "2026-01-31T04:55:36.000Z", 540},
        {"2026-01-31T13:55:36+09", "2026-01-31T04:55:36.000Z", 540},
        {"2026-01-31T13:55:36-00:00", "2026-01-31T13:55:36.000Z", 0},
        {"2026-01-31T13:55:36.1234567Z", "2026-01-31T13:55:36.123Z", 0},
        {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z", 0},
        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z", 0},
        {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", 0},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z", 0},
        {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z", 0},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z", 0}, /* a leap second that was */
        {"2026-02-29T00:00:00Z", NULL, 0},
        {"1900-02-29T00:00:00Z", NULL, 0},
        {"2026-04-31T00:00:00Z", NULL, 0},
        {"2026-13-01T00:00:00Z", NULL, 0},
        {"2026-00-01T00:00:00Z", NULL, 0},
        {"2026-01-00T00:00:00Z", NULL, 0},
        {"2026-01-31T24:00:00Z", NULL, 0},
        {"2026-01-31T23:60:00Z", NULL, 0},
        {"2026-01-31T23:59:61Z", NULL, 0},
        {"2026-01-31T13:55:36+25:00", NULL, 0},
        {"2026-01-31T13:55:36+09:60", NULL, 0},
        {"2026-01-31T13:55:36+9", NULL, 0},
        {"2026-01-31T13:55:36+", NULL, 0},
        {"2026-01-31T13:55:36.", NULL, 0},
        {"2026-01-31T13:55:36.1234567890Z", NULL, 0},
        {"2026-01-31T13:55:36.99999999999999999999999999999999Z", NULL, 0},
        {"99999999999999999999-01-31T13:55:36Z", NULL, 0},
        {"2026-01-31T13:55Z", NULL, 0},
        {"2026-01-31T13:55:3", NULL, 0},
        {"2026-01-31", NULL, 0},
        {"2026-01-31T13:55:36ZZ", NULL, 0},
        {"2026-01-31T13:55:36 ", "2026-01-31T13:55:36.000Z", 0},
        {"2026-1-31T13:55:36Z", NULL, 0},
        {"-026-01-31T13:55:36Z", NULL, 0},
        {"", NULL, 0},
        {" ", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct moment got = {0};
        bool found = moment_parse_rfc3339(text_of(cases[i].text), NULL, &got);

        unit_moment(cases[i].text, found, got, cases[i].want, cases[i].offset_minutes);
    }
}

static void every_start_of_a_time_is_refused(void **state)
{
    static const char *const whole[] = {"2026-01-31T13:55:36.25+09:00",
                                        "10/Oct/2000:13:55:36 -0700", "2026/01/31 13:55:36"};
    /* Where a shorter text is a time, too: without decimals or zone, or with less of it. */
    static const char *const fine[] = {"2026-01-31T13:55:36", "2026-01-31T13:55:36.2",
                                       "2026-01-31T13:55:36.25", "2026-01-31T13:55:36.25+09",
                                       "10/Oct/2000:13:55:36 -07"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(whole); i++) {
        for (size_t size = 0; size < strlen(whole[i]); size++) {
            char *text = mem_zero(size); /* of that size, for the sanitizer */
            struct moment got;
            bool expected = false;

            memcpy(text, whole[i], size);
            for (size_t k = 0; k < COUNT_OF(fine); k++)
                expected |= text_is((struct text){text, size}, fine[k]);
            if (moment_parse_any((struct text){text, size}, NULL, 0, &got) != expected)
                fail_msg("'%.*s': not %d", (int)size, whole[i], expected);
            free(text);
        }
    }
}

static void clf_times(void **state)
{
    static const struct {
        const char *text, *want;
        int offset_minutes;
    } cases[] = {
        {"10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36.000Z", -420},
        {"29/Feb/2024:00:00:00 +0000", "2024-02-29T00:00:00.000Z", 0},
        {"29/Feb/2023:00:00:00 +0000", NULL, 0},
        {"10/Okt/2000:13:55:36 -0700", NULL, 0},
        {"10/Oct/2000 13:55:36 -0700", NULL, 0},
        {"10/Oct/2000:13:55:36", NULL, 0},
        {"32/Oct/2000:13:55:36 -0700", NULL, 0},
        {"10/Oct/2000:13:55:36 -0700]", NULL, 0},
        {"10/Oct/20001:13:55:36 -0700", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct moment got = {0};
        bool found = moment_parse_clf(text_of(cases[i].text), &got);

        assert_int_equal(moment_is_clf(text_of(cases[i].text)), found);
        unit_moment(cases[i].text, found, got, cases[i].want, cases[i].offset_minutes);
    }
}

static void syslog_takes_the_latest_year_that_is_not_ahead(void **state)
{
    static const struct {
        const char *text, *near, *want;
    } cases[] = {
        {"Oct  1 22:14:15", "2026-10-01T22:20:00Z", "2026-10-01T22:14:15.000Z"},
        {"Oct  2 22:14:15", "2026-10-01T22:20:00Z", "2026-10-02T22:14:15.000Z"},
        {"Oct  2 22:20:01", "2026-10-01T22:20:00Z", "2025-10-02T22:20:01.000Z"},
        {"Oct 11 22:14:15", "2026-10-01T22:20:00Z", "2025-10-11T22:14:15.000Z"},
        {"Jan 14 10:17:00", "2026-11-24T07:00:00Z", "2026-01-14T10:17:00.000Z"},
        {"Oct 01 22:14:15", "2026-10-01T22:20:00Z", "2026-10-01T22:14:15.000Z"},
        {"Oct 1 22:14:15", "2026-10-01T22:20:00Z", "2026-10-01T22:14:15.000Z"},
        {"Dec 31 23:59:59", "2026-01-01T00:00:05Z", "2025-12-31T23:59:59.000Z"},
        {"Jan  1 00:00:01", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01.000Z"},
        {"Feb 29 12:00:00", "2024-03-01T00:00:00Z", "2024-02-29T12:00:00.000Z"},
        {"Feb 29 12:00:00", "2025-03-01T00:00:00Z", "2024-02-29T12:00:00.000Z"},
        {"Feb 29 12:00:00", "2099-03-01T00:00:00Z", "2096-02-29T12:00:00.000Z"},
        {"Oct  1 2024 22:14:15", "2026-10-01T22:20:00Z", "2024-10-01T22:14:15.000Z"},
        {"Oct  1 22:14:15 2024", "2026-10-01T22:20:00Z", "2024-10-01T22:14:15.000Z"},
        {"oct  1 22:14:15.250", "2026-10-01T22:20:00Z", "2026-10-01T22:14:15.250Z"},
        {"Feb 30 12:00:00", "2024-03-01T00:00:00Z", NULL},
        {"Feb 29 2023 12:00:00", "2024-03-01T00:00:00Z", NULL},
        {"Oct  0 22:14:15", "2026-10-01T22:20:00Z", NULL},
        {"Oct 32 22:14:15", "2026-10-01T22:20:00Z", NULL},
        {"Oct  1 24:14:15", "2026-10-01T22:20:00Z", NULL},
        {"Oct  1 22:14", "2026-10-01T22:20:00Z", NULL},
        {"Oct  ", "2026-10-01T22:20:00Z", NULL},
        {"Oct", "2026-10-01T22:20:00Z", NULL},
        {"Oct  1 2024", "2026-10-01T22:20:00Z", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct moment near, got = {0};

        assert_true(moment_parse_rfc3339(text_of(cases[i].near), NULL, &near));
        bool found = moment_parse_syslog(text_of(cases[i].text), NULL, near.ms, &got);

        unit_moment(cases[i].text, found, got, cases[i].want, 0);
    }
}

static void a_wild_near_time_is_harmless(void **state)
{
    struct moment got;

    (void)state;
    assert_true(moment_parse_syslog(TEXT("Oct  1 22:14:15"), NULL, INT64_MAX, &got));
    assert_false(moment_parse_syslog(TEXT("Oct  1 22:14:15"), NULL, INT64_MIN, &got));
    assert_true(moment_parse_syslog(TEXT("Oct  1 22:14:15 2026"), NULL, -1, &got));
}

static void epochs_are_told_apart_by_their_size(void **state)
{
    static const struct {
        const char *text;
        int64_t want; /* -1: refused */
    } cases[] = {
        {"0", 0},
        {"1700000000", 1700000000000},
        {"1700000000.25", 1700000000250},
        {"1700000000.123456789", 1700000000123},
        {"1700000000123", 1700000000123},
        {"1700000000123.9", 1700000000123},
        {"1700000000123456", 1700000000123},
        {"1700000000123456789", 1700000000123},
        {"99999999999", 99999999999000},
        {"100000000000", 100000000000},
        {" 1700000000 ", 1700000000000},
        {"9223372036854775807", 9223372036854},
        {"9223372036854775808", -1},
        {"99999999999999999999999999", -1},
        {"-1", -1},
        {"+1", -1},
        {"1.", -1},
        {".5", -1},
        {"1e9", -1},
        {"1700000000.1234567890", -1},
        {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct moment got = {-1, 0};

        moment_parse_epoch(text_of(cases[i].text), &got);
        if (got.ms != cases[i].want)
            fail_msg("%s: got %lld", cases[i].text, (long long)got.ms);
    }
}

static void any_tells_the_forms_apart(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"2026-01-31T13:55:36.250Z", "2026-01-31T13:55:36.250Z"},
        {"31/Jan/2026:13:55:36 +0000", "2026-01-31T13:55:36.000Z"},
        {"2026/01/31 13:55:36", "2026-01-31T13:55:36.000Z"},
        {"Jan 31 13:55:36", "1969-01-31T13:55:36.000Z"},
        {"1769867736.25", "2026-01-31T13:55:36.250Z"},
        {"0.005", NULL}, /* the time that a request took */
        {"12345", NULL},
        {"yesterday", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct moment got = {0};
        bool found = moment_parse_any(text_of(cases[i].text), NULL, 0, &got);

        unit_moment(cases[i].text, found, got, cases[i].want, 0);
    }
}

static void a_time_is_taken_off_the_front(void **state)
{
    static const struct {
        const char *text;
        size_t want;
    } cases[] = {
        {"2026-01-31T13:55:36.25+09:00 web1 sshd[1]: x", 28},
        {"2026-01-31 13:55:36,250 INFO x", 23},
        {"2026-01-31 13:55:36 -05 x", 19},
        {"2026-01-31 13:55:36, x", 19},
        {"2026-01-31", 0},
    };
    struct moment got;
    bool known;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(moment_take_rfc3339(text_of(cases[i].text), NULL, &got), cases[i].want);
    assert_int_equal(moment_take_syslog(TEXT("Oct  1 22:14:15 2026x"), NULL, 0, &got, &known), 15);
    assert_true(known);
    assert_int_equal(moment_take_syslog(TEXT("Oct  1 22:14:15 2026: x"), NULL, 0, &got, &known),
                     20);
    assert_true(known);
    assert_int_equal(moment_take_syslog(TEXT("Oct  1 22:14:15 0099 x"), NULL, 0, &got, &known), 15);
    assert_true(known);
    assert_int_equal(moment_take_syslog(TEXT("Oct  1 22:14:15 x"), NULL, -1, &got, &known), 15);
    assert_false(known);
}

static void the_zone_of_the_source_fills_in(void **state)
{
    static const struct {
        const char *zone, *text, *want;
        int offset_minutes;
    } cases[] = {
        {"Asia/Seoul", "2026-01-31 22:30:00", "2026-01-31T13:30:00.000Z", 540},
        {"Europe/Berlin", "2026-07-01 12:00:00", "2026-07-01T10:00:00.000Z", 120},
        {"Europe/Berlin", "2026-01-01 12:00:00", "2026-01-01T11:00:00.000Z", 60},
        {"Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25T00:30:00.000Z", 120}, /* twice */
        {"Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29T01:30:00.000Z", 60},  /* never */
        {"Europe/Berlin", "2026-03-29 03:00:00", "2026-03-29T01:00:00.000Z", 120},
        {"Europe/Berlin", "2026-07-01 12:00:00Z", "2026-07-01T12:00:00.000Z", 0},
        {"America/New_York", "2026-11-01 01:59:59", "2026-11-01T05:59:59.000Z", -240},
        {"Asia/Kolkata", "2026-11-01 00:00:00", "2026-10-31T18:30:00.000Z", 330},
        {"Pacific/Apia", "2011-12-31 12:00:00", "2011-12-30T22:00:00.000Z", 840},
        {"UTC", "1965-01-01 00:00:00", "1965-01-01T00:00:00.000Z", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(zone) zone = open_zone(cases[i].zone);
        struct moment got = {0};
        bool found = moment_parse_rfc3339(text_of(cases[i].text), zone, &got);

        unit_moment(cases[i].text, found, got, cases[i].want, cases[i].offset_minutes);
    }
}

static void an_unknown_zone_is_named(void **state)
{
    struct error err = {0};

    (void)state;
    assert_null(zone_open("Asia/Atlantis", &err));
    assert_non_null(strstr(err.text, "Asia/Atlantis"));
}

static void hours_and_weekdays_are_of_the_own_zone(void **state)
{
    static const struct {
        struct moment moment;
        int hour, weekday;
    } cases[] = {
        {{0, 0}, 0, 3},              /* Thursday */
        {{0, -60}, 23, 2},           /* still Wednesday there */
        {{0, 540}, 9, 3},            /* 09:00 in Seoul */
        {{-1, 0}, 23, 2},            /* the last moment of 1969 */
        {{1769867736250, 0}, 13, 5}, /* 2026-01-31, a Saturday */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(moment_hour(cases[i].moment), cases[i].hour);
        assert_int_equal(moment_weekday(cases[i].moment), cases[i].weekday);
    }
}

static void writing_and_reading_agree_for_every_day(void **state)
{
    (void)state;
    for (int64_t ms = -62167219200000; ms < 253402300800000; ms += 86400000 - 1) {
        AUTO_BUF text = {0};
        struct moment got;

        moment_write(ms, &text);
        if (!moment_parse_rfc3339(buf_text(&text), NULL, &got) || got.ms != ms)
            fail_msg("%lld is written %.*s", (long long)ms, TEXT_ARG(buf_text(&text)));
    }
}

static void what_cannot_be_written_comes_as_the_nearest_that_can(void **state)
{
    AUTO_BUF text = {0};

    (void)state;
    moment_write(INT64_MIN, &text);
    moment_write(INT64_MAX, &text);
    unit_text("both", buf_text(&text), "0000-01-01T00:00:00.000Z9999-12-31T23:59:59.999Z");
}

UNIT_MAIN(cmocka_unit_test(rfc3339_and_its_relatives),
          cmocka_unit_test(every_start_of_a_time_is_refused), cmocka_unit_test(clf_times),
          cmocka_unit_test(syslog_takes_the_latest_year_that_is_not_ahead),
          cmocka_unit_test(a_wild_near_time_is_harmless),
          cmocka_unit_test(epochs_are_told_apart_by_their_size),
          cmocka_unit_test(any_tells_the_forms_apart),
          cmocka_unit_test(a_time_is_taken_off_the_front),
          cmocka_unit_test(the_zone_of_the_source_fills_in),
          cmocka_unit_test(an_unknown_zone_is_named),
          cmocka_unit_test(hours_and_weekdays_are_of_the_own_zone),
          cmocka_unit_test(writing_and_reading_agree_for_every_day),
          cmocka_unit_test(what_cannot_be_written_comes_as_the_nearest_that_can))
