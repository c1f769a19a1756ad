#include "unit.h"

#include "forwarder/leef.h"
#include "hostile_alert.h"
#include "leef_reader.h"

static const struct leef_form version_1 = {1, '\0'}, version_2 = {2, '^'};

static void a_record_is_as_ibm_has_it(void **state)
{
    const struct alert alert = sample_alert();
    AUTO_BUF out = {0};

    (void)state;
    leef_write(&alert, &version_2, 4096, &out);
    unit_text("version 2.0", buf_text(&out),
              "LEEF:2.0|Haechi|Haechi|" HAECHI_VERSION "|brute_force|^|"
              "devTime=1767225600123^sev=8^alertId=SEC-0123456789abcdef0123456789abcdef^"
              "revision=2^cat=authentication.brute_force^src=203.0.113.7^dst=2001:db8::1^"
              "usrName=root^status=update^confidenceScore=0.9^eventCount=12^"
              "firstSeen=1767225600123^lastSeen=1767225660456^tenant=acme^hostName=web-1^"
              "title=Brute force^msg=12 failed logins^group=source_ip=203.0.113.7^"
              "indicators=brute_force, high_risk_geography:KP^"
              "tags=attack.t1110.001, attack.credential_access^"
              "payload=Failed password for root^"
              "recommendedActions=Block the address, Reset the password");
    buf_reset(&out);
    leef_write(&alert, &version_1, 4096, &out);
    assert_true(
        text_starts(buf_text(&out), TEXT("LEEF:1.0|Haechi|Haechi|" HAECHI_VERSION
                                         "|brute_force|devTime=1767225600123\tsev=8\talertId=")));
    buf_reset(&out);
    leef_write(&alert, &(struct leef_form){2, '\t'}, 4096, &out);
    assert_true(text_starts(buf_text(&out), TEXT("LEEF:2.0|Haechi|Haechi|" HAECHI_VERSION
                                                 "|brute_force|x09|devTime=1767225600123\tsev")));
}

static void no_text_forges_a_key_a_field_or_a_record(void **state)
{
    const struct {
        const char *name;
        struct text text;
    } cases[] = {
        {"a record of one's own", TEXT("x\nLEEF:2.0|A|B|1|2|^|src=8.8.8.8")},
        {"a pair behind each delimiter", TEXT("x^src=8.8.8.8\tdst=8.8.8.8")},
        {"a header field", TEXT("x|sev=1|^|")},
        {"CR alone", TEXT("x\rsev=1")},
        {"a NUL", TEXT("x\0sev=1")},
        {"no UTF-8", TEXT("x\xFF\xC0=\xED\xA0\x80")},
        {"half a character at the end", TEXT("x\xED\x95")},
        {"nothing but marks", TEXT("=|^\\\n\r\t")},
    };
    const struct leef_form *const forms[] = {&version_1, &version_2};

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        AUTO_BUF out = {0};
        struct text t = cases[i / 2].text, list[] = {t, t};
        struct alert alert = sample_alert();
        struct leef_record record;
        struct pairs want = {0};

        alert.title = alert.description = alert.user = alert.host = alert.rule_id = t;
        alert.source_ip = alert.target_ip = alert.tenant = alert.raw_payload = t;
        alert.indicators = alert.tags = alert.event_types = (struct record_texts){list, 2};
        alert.recommended_actions = alert.indicators;
        alert.group = (struct record_map){list, list, 2};
        leef_write(&alert, forms[i % 2], 65536, &out);
        leef_want_alert(&want, arena, &alert, (char)(i % 2 ? '^' : '\t'));
        if (!leef_read(buf_text(&out), &record) || !pairs_match(&record.pairs, &want, true))
            fail_msg("%s: read otherwise: %.*s", cases[i / 2].name, TEXT_ARG(buf_text(&out)));
        if (!text_equal(record.header[4], pairs_shown(arena, t, "", '|')))
            fail_msg("%s: the header is read otherwise", cases[i / 2].name);
    }
}

static void a_small_line_keeps_what_matters_and_cuts_the_rest(void **state)
{
    char korean[3 * 2000];
    struct alert alert = sample_alert();

    (void)state;
    for (size_t i = 0; i < 2000; i++)
        memcpy(korean + 3 * i, "\xED\x95\x9C", 3);
    alert.description = alert.rule_id = alert.source_ip = alert.target_ip = alert.user =
        (struct text){korean, sizeof(korean)};
    for (size_t limit = LEEF_LIMIT_MIN; limit < 2500; limit++) {
        AUTO(arena) arena = arena_new(4096);
        AUTO_BUF out = {0};
        struct leef_record record;
        struct pairs want = {0};

        leef_write(&alert, &version_2, limit, &out);
        leef_want_alert(&want, arena, &alert, '^');
        if (out.size > limit || !text_is_utf8(buf_text(&out)))
            fail_msg("limit %zu: %zu bytes, or a character cut in two", limit, out.size);
        if (!leef_read(buf_text(&out), &record) || !pairs_match(&record.pairs, &want, false))
            fail_msg("limit %zu: read otherwise: %.*s", limit, TEXT_ARG(buf_text(&out)));
        if (!pairs_keep_id(&record.pairs, "alertId", &alert))
            fail_msg("limit %zu: the alert's id is lost", limit);
    }
}

/* Fewer digits than 13 would be taken for seconds, or for text. */
static void a_time_that_is_not_of_13_digits_is_left_out(void **state)
{
    struct alert alert = sample_alert();
    AUTO_BUF out = {0};

    (void)state;
    alert.timestamp = INT64_C(999999999999);
    leef_write(&alert, &version_2, 4096, &out);
    assert_int_equal(text_find(buf_text(&out), TEXT("devTime")), out.size);
}

static void delimiters_are_marks_that_no_value_needs(void **state)
{
    static const struct {
        const char *text;
        int want; /* 0: refused */
    } cases[] = {
        {"^", '^'},    {"x5E", '^'}, {"0x5e", '^'},   {"x09", '\t'}, {"\t", '\t'}, {"x005E", '^'},
        {"x7C", 0},    {"|", 0},     {"=", 0},        {"a", 0},      {"x", 0},     {"", 0},
        {"^^", 0},     {"x41", 0},   {"xA6", 0},      {" ", 0},      {"0", 0},     {".", 0},
        {"x0005E", 0}, {"x5G", 0},   {"\xC2\xA6", 0}, {"~", '~'},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char delimiter = 0;
        struct error err = {0};
        const int code = leef_parse_delimiter(text_of(cases[i].text), &delimiter, &err);

        if (delimiter != cases[i].want || (code == 0) != (cases[i].want != 0))
            fail_msg("'%s': got %d, code %d", cases[i].text, delimiter, code);
    }
}

UNIT_MAIN(cmocka_unit_test(a_record_is_as_ibm_has_it),
          cmocka_unit_test(no_text_forges_a_key_a_field_or_a_record),
          cmocka_unit_test(a_small_line_keeps_what_matters_and_cuts_the_rest),
          cmocka_unit_test(a_time_that_is_not_of_13_digits_is_left_out),
          cmocka_unit_test(delimiters_are_marks_that_no_value_needs))
