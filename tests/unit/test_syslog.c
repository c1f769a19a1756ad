#include "unit.h"

#include "cef_reader.h"
#include "forwarder/syslog.h"
#include "hostile_alert.h"
#include "json_reader.h"
#include "syslog_reader.h"

static struct syslog_form sample_form(void)
{
    return (struct syslog_form){
        .header = SYSLOG_RFC5424,
        .body = SYSLOG_CEF,
        .leef = {2, '^'},
        .facility = SYSLOG_FACILITY_USER,
        .host = TEXT("relay-1"),
        .app = TEXT("haechi"),
        .enterprise = SYSLOG_PEN_EXAMPLE,
        .limit = 8192,
    };
}

static void headers_are_as_the_rfcs_have_them(void **state)
{
    (void)state;
    const struct {
        const char *name;
        enum syslog_header header;
        enum syslog_body body;
        bool structured;
        struct text host;
        const char *want;
    } cases[] = {
        {"RFC 5424", SYSLOG_RFC5424, SYSLOG_JSON, false, TEXT("relay-1"),
         "<11>1 2026-01-01T00:01:01.000Z relay-1 haechi - alert - {\"timestamp\":"},
        {"RFC 5424 with structured data", SYSLOG_RFC5424, SYSLOG_CEF, true, TEXT("relay-1"),
         "<11>1 2026-01-01T00:01:01.000Z relay-1 haechi - alert [haechi@32473 "
         "alert_id=\"SEC-0123456789abcdef0123456789abcdef\" revision=\"2\" status=\"update\" "
         "severity=\"HIGH\" rule_id=\"brute_force\"] CEF:0|"},
        {"RFC 3164", SYSLOG_RFC3164, SYSLOG_JSON, true, TEXT("relay-1"),
         "<11>Jan  1 00:01:01 relay-1 haechi: {\"timestamp\":"},
        {"RFC 3164 before CEF", SYSLOG_RFC3164, SYSLOG_CEF, true, TEXT("relay-1"),
         "<11>Jan  1 00:01:01 relay-1 CEF:0|"},
        {"RFC 3164 before LEEF", SYSLOG_RFC3164, SYSLOG_LEEF, true, TEXT("relay-1"),
         "<11>Jan  1 00:01:01 relay-1 LEEF:2.0|"},
        {"a host that is no name", SYSLOG_RFC3164, SYSLOG_LEEF, true, TEXT("my host\n\xED\x95\x9C"),
         "<11>Jan  1 00:01:01 my_host____ LEEF:2.0|"},
        {"no host",
         SYSLOG_RFC5424,
         SYSLOG_LEEF,
         false,
         {0},
         "<11>1 2026-01-01T00:01:01.000Z - haechi - alert - LEEF:2.0|"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct alert alert = sample_alert();
        struct syslog_form form = sample_form();
        AUTO_BUF out = {0};

        form.header = cases[i].header;
        form.body = cases[i].body;
        form.structured = cases[i].structured;
        form.host = cases[i].host;
        syslog_write(&alert, &form, &out);
        unit_text(cases[i].name, text_slice(buf_text(&out), 0, strlen(cases[i].want)),
                  cases[i].want);
    }
}

/* A ':' or '[' in it would end it early, and a reader would take the rest for the message. */
static void a_tag_is_short_and_ends_where_it_has_to(void **state)
{
    static const struct {
        struct text app;
        const char *want;
    } cases[] = {
        {{"haechi-1.soc", 12}, "<11>Jan  1 00:01:01 relay-1 haechi-1.soc: {"},
        {{"a:b[1]/ c", 9}, "<11>Jan  1 00:01:01 relay-1 a_b_1___c: {"},
        {{"0123456789012345678901234567890123", 34},
         "<11>Jan  1 00:01:01 relay-1 01234567890123456789012345678901: {"},
        {{NULL, 0}, "<11>Jan  1 00:01:01 relay-1 -: {"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct alert alert = sample_alert();
        struct syslog_form form = sample_form();
        AUTO_BUF out = {0};

        form.header = SYSLOG_RFC3164;
        form.body = SYSLOG_JSON;
        form.app = cases[i].app;
        syslog_write(&alert, &form, &out);
        unit_text(cases[i].want, text_slice(buf_text(&out), 0, strlen(cases[i].want)),
                  cases[i].want);
    }
}

static void the_day_has_two_places_and_no_zero(void **state)
{
    static const struct {
        int64_t ms;
        const char *want;
    } cases[] = {
        {INT64_C(1763945523000), "<11>Nov 24 00:52:03 "},
        {INT64_C(1762217523999), "<11>Nov  4 00:52:03 "},
        {INT64_C(1798761599000), "<11>Dec 31 23:59:59 "},
        {INT64_MAX, "<11>Dec 31 23:59:59 "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct alert alert = sample_alert();
        struct syslog_form form = sample_form();
        AUTO_BUF out = {0};

        form.header = SYSLOG_RFC3164;
        alert.emitted_at = cases[i].ms;
        syslog_write(&alert, &form, &out);
        unit_text(cases[i].want, text_slice(buf_text(&out), 0, 20), cases[i].want);
    }
}

/* 13 is facility 1 and severity 5. */
static void priorities_are_facility_and_severity(void **state)
{
    static const int want[] = {13, 12, 11, 10};
    struct alert alert = {0};

    (void)state;
    for (int level = LEVEL_LOW; level <= LEVEL_CRITICAL; level++) {
        alert.severity = level;
        assert_int_equal(syslog_priority(&alert, SYSLOG_FACILITY_USER), want[level]);
    }
    assert_int_equal(syslog_priority(&alert, 23), 23 * 8 + 2);
}

static void a_mark_stands_before_json_that_is_not_ascii_where_asked_for(void **state)
{
    (void)state;
    const struct {
        const char *name;
        bool bom;
        enum syslog_body body;
        enum syslog_header header;
        struct text title;
        bool want;
    } cases[] = {
        {"not asked for", false, SYSLOG_JSON, SYSLOG_RFC5424, TEXT("\xED\x95\x9C"), false},
        {"asked for", true, SYSLOG_JSON, SYSLOG_RFC5424, TEXT("\xED\x95\x9C"), true},
        {"all ASCII", true, SYSLOG_JSON, SYSLOG_RFC5424, TEXT("Korea"), false},
        {"CEF", true, SYSLOG_CEF, SYSLOG_RFC5424, TEXT("\xED\x95\x9C"), false},
        {"RFC 3164 knows none", true, SYSLOG_JSON, SYSLOG_RFC3164, TEXT("\xED\x95\x9C"), false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct alert alert = sample_alert();
        struct syslog_form form = sample_form();
        AUTO_BUF out = {0};

        alert.title = cases[i].title;
        form.bom = cases[i].bom;
        form.body = cases[i].body;
        form.header = cases[i].header;
        syslog_write(&alert, &form, &out);
        const size_t at = text_find(buf_text(&out), TEXT("\xEF\xBB\xBF"));

        if ((at < out.size) != cases[i].want)
            fail_msg("%s: %s", cases[i].name, cases[i].want ? "no mark" : "a mark");
        if (cases[i].want && out.bytes[at + 3] != '{')
            fail_msg("%s: the mark is not before the JSON", cases[i].name);
    }
}

static void hostile_texts_stay_in_structured_data_and_in_one_line(void **state)
{
    (void)state;
    const struct text cases[] = {
        TEXT("\"] forged=\"1"), TEXT("\\"),       TEXT("x\\\"]\n<13>1 - - - - - -"),
        TEXT("x\0y"),           TEXT("\xFF\xC0"), TEXT("\xE2\x80\xA8"),
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(16384);
        AUTO_BUF out = {0};
        struct alert alert = sample_alert();
        struct syslog_form form = sample_form();
        struct syslog_record record;

        form.structured = true;
        alert.rule_id = alert.alert_id = cases[i];
        syslog_write(&alert, &form, &out);
        if (!syslog_read_5424(arena, buf_text(&out), &record) || record.data.count != 5)
            fail_msg("case %zu: read otherwise: %.*s", i, TEXT_ARG(buf_text(&out)));
        assert_true(text_equal(record.data.values[4], pairs_shown(arena, cases[i], "", '\0')));
        assert_true(text_starts(record.message, TEXT("CEF:0|")));
    }
}

static void frames_hold_just_their_message(void **state)
{
    AUTO_BUF out = {0};

    (void)state;
    syslog_frame(TEXT("<13>a b"), SYSLOG_OCTET_COUNTING, &out);
    syslog_frame(TEXT("\xED\x95\x9C"), SYSLOG_OCTET_COUNTING, &out);
    unit_text("octet counting", buf_text(&out), "7 <13>a b3 \xED\x95\x9C");
    buf_reset(&out);
    syslog_frame(TEXT("<13>a"), SYSLOG_LF, &out);
    syslog_frame(TEXT("<13>b"), SYSLOG_LF, &out);
    unit_text("line feeds", buf_text(&out), "<13>a\n<13>b\n");
    buf_reset(&out);
    syslog_frame(TEXT("<13>a"), SYSLOG_DATAGRAM, &out);
    unit_text("a datagram", buf_text(&out), "<13>a");
}

static void a_small_message_goes_without_structured_data(void **state)
{
    char name[255];
    struct alert alert = sample_alert();
    struct syslog_form form = sample_form();

    (void)state;
    memset(name, 'h', sizeof(name));
    form.host = (struct text){name, sizeof(name)};
    form.structured = true;
    alert.rule_id = (struct text){name, sizeof(name)};
    for (int body = SYSLOG_JSON; body <= SYSLOG_LEEF; body++) {
        for (size_t limit = SYSLOG_LIMIT_MIN; limit < 1500; limit++) {
            AUTO_BUF out = {0};

            form.body = (enum syslog_body)body;
            form.limit = limit;
            syslog_write(&alert, &form, &out);
            if (out.size > limit || text_find(buf_text(&out), alert.alert_id) == out.size)
                fail_msg("limit %zu: %zu bytes, or without the alert's id", limit, out.size);
        }
    }
}

UNIT_MAIN(cmocka_unit_test(headers_are_as_the_rfcs_have_them),
          cmocka_unit_test(a_tag_is_short_and_ends_where_it_has_to),
          cmocka_unit_test(the_day_has_two_places_and_no_zero),
          cmocka_unit_test(priorities_are_facility_and_severity),
          cmocka_unit_test(a_mark_stands_before_json_that_is_not_ascii_where_asked_for),
          cmocka_unit_test(hostile_texts_stay_in_structured_data_and_in_one_line),
          cmocka_unit_test(frames_hold_just_their_message),
          cmocka_unit_test(a_small_message_goes_without_structured_data))
