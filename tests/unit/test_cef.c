#include "unit.h"

#include "cef_reader.h"
#include "forwarder/cef.h"
#include "hostile_alert.h"

static void a_record_is_as_the_standard_has_it(void **state)
{
    const struct alert alert = sample_alert();
    AUTO_BUF out = {0};

    (void)state;
    cef_write(&alert, 8192, &out);
    unit_text(
        "the sample", buf_text(&out),
        "CEF:0|Haechi|Haechi|" HAECHI_VERSION "|brute_force|Brute force|8|"
        "rt=1767225600123 externalId=SEC-0123456789abcdef0123456789abcdef cn1=2 cn1Label=Revision "
        "cs1=0.9 cs1Label=ConfidenceScore cs2=update cs2Label=Status "
        "cat=authentication.brute_force src=203.0.113.7 c6a3=2001:db8::1 "
        "c6a3Label=Destination IPv6 Address duser=root dhost=web-1 type=2 cnt=12 "
        "start=1767225600123 end=1767225660456 cs6=acme cs6Label=Tenant msg=12 failed logins "
        "flexString1=source_ip\\=203.0.113.7 flexString1Label=Group "
        "cs3=brute_force, high_risk_geography:KP cs3Label=Indicators "
        "cs4=attack.t1110.001, attack.credential_access cs4Label=Tags "
        "flexString2=Failed password for root flexString2Label=Payload "
        "cs5=Block the address, Reset the password cs5Label=RecommendedActions");
}

static void an_empty_alert_is_a_record_still(void **state)
{
    const struct alert alert = {0};
    AUTO_BUF out = {0};

    (void)state;
    cef_write(&alert, 8192, &out);
    unit_text("nothing known", buf_text(&out),
              "CEF:0|Haechi|Haechi|" HAECHI_VERSION "|alert|Security Event Detected|3|rt=0 cn1=0 "
              "cn1Label=Revision cs1=0 cs1Label=ConfidenceScore cs2=new cs2Label=Status "
              "cat=security_event type=0 cnt=0 start=0 end=0");
}

static void severities_follow_levels(void **state)
{
    static const char *const want[] = {"|3|rt=", "|6|rt=", "|8|rt=", "|10|rt="};

    (void)state;
    for (int level = LEVEL_LOW; level <= LEVEL_CRITICAL; level++) {
        struct alert alert = sample_alert();
        AUTO_BUF out = {0};

        alert.severity = level;
        cef_write(&alert, 8192, &out);
        if (text_find(buf_text(&out), text_of(want[level])) == out.size)
            fail_msg("level %d: got %.*s", level, TEXT_ARG(buf_text(&out)));
    }
}

/* What an attacker tries, in every text of an alert. */
static void no_text_forges_a_key_a_field_or_a_record(void **state)
{
    const struct {
        const char *name;
        struct text text;
    } cases[] = {
        {"a record of one's own", TEXT("x\nCEF:0|A|B|1|2|3|10|src=8.8.8.8")},
        {"a key", TEXT("x src=8.8.8.8 cs1Label=Innocent")},
        {"an escape that swallows the delimiter", TEXT("x\\")},
        {"an escaped escape", TEXT("x\\\\=|\\n")},
        {"a header field", TEXT("x|10|act=blocked")},
        {"CR alone", TEXT("x\ract=allowed")},
        {"a NUL", TEXT("x\0act=allowed")},
        {"no UTF-8", TEXT("x\xFF\xC0=\xED\xA0\x80")},
        {"half a character at the end", TEXT("x\xED\x95")},
        {"blanks", TEXT("  x  ")},
        {"nothing but marks", TEXT("=|\\\n\r\t")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        AUTO_BUF out = {0};
        struct text t = cases[i].text, list[] = {t, t};
        struct alert alert = sample_alert();
        struct cef_record record;
        struct pairs want = {0};

        alert.title = alert.description = alert.user = alert.host = alert.rule_id = t;
        alert.source_ip = alert.target_ip = alert.tenant = alert.raw_payload = t;
        alert.indicators = alert.tags = alert.event_types = (struct record_texts){list, 2};
        alert.recommended_actions = alert.indicators;
        alert.group = (struct record_map){list, list, 2};
        cef_write(&alert, 65536, &out);
        cef_want_alert(&want, arena, &alert);
        if (!cef_read(arena, buf_text(&out), &record) || !pairs_match(&record.pairs, &want, true))
            fail_msg("%s: read otherwise: %.*s", cases[i].name, TEXT_ARG(buf_text(&out)));
        if (!text_equal(record.header[4], pairs_shown(arena, t, "", '\0')) ||
            !text_equal(record.header[5], pairs_shown(arena, t, "", '\0')))
            fail_msg("%s: the header is read otherwise", cases[i].name);
    }
}

static void a_small_line_keeps_what_matters_and_cuts_the_rest(void **state)
{
    char korean[3 * 2000];
    struct alert alert = sample_alert();

    (void)state;
    for (size_t i = 0; i < 2000; i++)
        memcpy(korean + 3 * i, "\xED\x95\x9C", 3);
    alert.description = alert.title = (struct text){korean, sizeof(korean)};
    for (size_t limit = CEF_LIMIT_MIN; limit < 2500; limit++) {
        AUTO(arena) arena = arena_new(4096);
        AUTO_BUF out = {0};
        struct cef_record record;
        struct pairs want = {0};

        cef_write(&alert, limit, &out);
        cef_want_alert(&want, arena, &alert);
        if (out.size > limit || !text_is_utf8(buf_text(&out)))
            fail_msg("limit %zu: %zu bytes, or a character cut in two", limit, out.size);
        if (!cef_read(arena, buf_text(&out), &record) || !pairs_match(&record.pairs, &want, false))
            fail_msg("limit %zu: read otherwise: %.*s", limit, TEXT_ARG(buf_text(&out)));
        if (!text_equal(record.pairs.values[1], alert.alert_id))
            fail_msg("limit %zu: the alert's id is lost", limit);
    }
}

static void an_id_of_others_that_is_longer_stays(void **state)
{
    struct alert alert = sample_alert();
    AUTO_BUF out = {0};

    (void)state;
    alert.alert_id = TEXT("b6a0d0e4-6a5e-4a7e-9f11-000000000001-of-others");
    cef_write(&alert, 2000, &out);
    assert_true(text_find(buf_text(&out), TEXT("externalId=b6a0d0e4-6a5e-4a7e-9f11-000000000001-of-"
                                               "others cn1=")) < out.size);
}

UNIT_MAIN(cmocka_unit_test(a_record_is_as_the_standard_has_it),
          cmocka_unit_test(an_empty_alert_is_a_record_still),
          cmocka_unit_test(severities_follow_levels),
          cmocka_unit_test(no_text_forges_a_key_a_field_or_a_record),
          cmocka_unit_test(an_id_of_others_that_is_longer_stays),
          cmocka_unit_test(a_small_line_keeps_what_matters_and_cuts_the_rest))
