#include "unit.h"

#include "base/record_json.h"
#include "forwarder/native.h"
#include "hostile_alert.h"
#include "json_reader.h"

static void an_alert_is_a_flat_event_around_itself(void **state)
{
    const struct alert alert = sample_alert();
    AUTO_BUF out = {0};

    (void)state;
    native_write(&alert, TEXT("relay-1"), &out);
    unit_text("the sample", buf_text(&out),
              "{\"timestamp\":\"2026-01-01T00:00:00.123Z\","
              "\"event_id\":\"SEC-0123456789abcdef0123456789abcdef\","
              "\"event_type\":\"authentication.brute_force\",\"severity\":\"HIGH\","
              "\"source_ip\":\"203.0.113.7\",\"target_ip\":\"2001:db8::1\","
              "\"description\":\"12 failed logins\","
              "\"alert_id\":\"SEC-0123456789abcdef0123456789abcdef\","
              "\"revision\":2,\"status\":\"update\",\"title\":\"Brute force\","
              "\"raw_data\":{\"alert_id\":\"SEC-0123456789abcdef0123456789abcdef\","
              "\"revision\":2,\"timestamp\":\"2026-01-01T00:00:00.123Z\","
              "\"severity\":\"HIGH\",\"title\":\"Brute force\","
              "\"description\":\"12 failed logins\",\"source_ip\":\"203.0.113.7\","
              "\"target_ip\":\"2001:db8::1\",\"user\":\"root\",\"host\":\"web-1\","
              "\"confidence\":0.9,\"indicators\":[\"brute_force\","
              "\"high_risk_geography:KP\"],"
              "\"raw_payload\":\"Failed password for root\","
              "\"recommended_actions\":[\"Block the address\","
              "\"Reset the password\"],\"rule_id\":\"brute_force\","
              "\"correlation_id\":\"brute_force\","
              "\"event_types\":[\"authentication.brute_force\"],"
              "\"event_ids\":[\"0123456789abcdef0123456789abcdef\"],"
              "\"event_count\":12,\"count_exact\":true,"
              "\"first_seen\":\"2026-01-01T00:00:00.123Z\","
              "\"last_seen\":\"2026-01-01T00:01:00.456Z\",\"status\":\"update\","
              "\"continues\":null,\"mode\":\"alert\",\"tags\":[\"attack.t1110.001\","
              "\"attack.credential_access\"],\"tenant\":\"acme\","
              "\"group\":{\"source_ip\":\"203.0.113.7\"},\"group_key\":\"f00d\","
              "\"emitted_at\":\"2026-01-01T00:01:01.000Z\"},\"host\":\"relay-1\","
              "\"product\":\"Haechi\",\"version\":\"" HAECHI_VERSION "\"}");
}

/* Whole and, in a line, without what a reader of lines obeys. */
static void an_alert_that_was_read_from_json_stands_as_it_was_read(void **state)
{
    struct alert alert = sample_alert();
    AUTO_BUF out = {0};

    (void)state;
    alert.json = TEXT("{\"alert_id\": \"SEC-\xE2\x80\xA8\"}");
    native_write(&alert, TEXT("relay-1"), &out);
    assert_true(text_find(buf_text(&out),
                          TEXT("\"raw_data\":{\"alert_id\": \"SEC-\xE2\x80\xA8\"},\"host\"")) <
                out.size);
    buf_reset(&out);
    native_write_within(&alert, TEXT("relay-1"), 8192, &out);
    assert_true(text_find(buf_text(&out), TEXT("\"raw_data\":{\"alert_id\": \"SEC-\\u2028\"}")) <
                out.size);
}

static void what_is_not_known_is_empty(void **state)
{
    const struct alert alert = {0};
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF out = {0};

    (void)state;
    native_write(&alert, TEXT("relay-1"), &out);
    yyjson_val *root = arena_json_read(arena, buf_text(&out), NULL);

    assert_string_equal(yyjson_get_str(yyjson_obj_get(root, "event_type")), "security_event");
    assert_string_equal(yyjson_get_str(yyjson_obj_get(root, "source_ip")), "");
    assert_string_equal(yyjson_get_str(yyjson_obj_get(root, "severity")), "LOW");
}

static void a_record_too_long_loses_raw_data_then_the_ends_of_its_texts(void **state)
{
    char korean[3 * 2000];
    struct alert alert = sample_alert();

    (void)state;
    for (size_t i = 0; i < 2000; i++)
        memcpy(korean + 3 * i, "\xED\x95\x9C", 3);
    alert.description = (struct text){korean, sizeof(korean)};
    for (size_t limit = NATIVE_LIMIT_MIN; limit < 16384; limit += limit / 8) {
        AUTO(arena) arena = arena_new(16384);
        AUTO_BUF out = {0};

        native_write_within(&alert, TEXT("relay-1"), limit, &out);
        yyjson_val *root = arena_json_read(arena, buf_text(&out), NULL);
        const bool is_cut = yyjson_get_bool(yyjson_obj_get(root, "truncated"));

        if (!root || out.size > limit)
            fail_msg("limit %zu: %zu bytes, %s JSON", limit, out.size, root ? "valid" : "no");
        if (!json_text_is(arena, root, "/alert_id", alert.alert_id))
            fail_msg("limit %zu: the alert's id is cut", limit);
        if (is_cut == (yyjson_obj_get(root, "raw_data") != NULL))
            fail_msg("limit %zu: raw_data and truncated together, or neither", limit);
    }
}

static void controls_in_its_texts_do_not_cut_the_alerts_id(void **state)
{
    char controls[4000];
    struct alert alert = sample_alert();

    (void)state;
    memset(controls, 1, sizeof(controls));
    alert.description = alert.title = alert.source_ip = alert.target_ip =
        (struct text){controls, sizeof(controls)};
    for (size_t limit = NATIVE_LIMIT_MIN; limit < 2000; limit++) {
        AUTO(arena) arena = arena_new(16384);
        AUTO_BUF out = {0};

        native_write_within(&alert, TEXT("relay-1"), limit, &out);
        yyjson_val *root = arena_json_read(arena, buf_text(&out), NULL);

        if (out.size > limit || !json_text_is(arena, root, "/alert_id", alert.alert_id) ||
            !json_text_is(arena, root, "/event_id", alert.alert_id))
            fail_msg("limit %zu: %.*s", limit, TEXT_ARG(buf_text(&out)));
    }
}

/* An alert that does not fit in even when all its texts are as bad as can be. */
static void the_worst_texts_fit_into_the_smallest_record(void **state)
{
    char controls[200] = {0};
    const struct text worst = {controls, sizeof(controls)};
    struct alert alert = {.alert_id = worst, .title = worst, .description = worst};
    AUTO_BUF out = {0};

    (void)state;
    alert.source_ip = alert.target_ip = worst;
    alert.revision = alert.timestamp = INT64_MIN;
    native_write_within(&alert, worst, NATIVE_LIMIT_MIN, &out);
    assert_true(out.size <= NATIVE_LIMIT_MIN);
}

static void a_line_has_no_control_that_some_reader_obeys(void **state)
{
    struct alert alert = sample_alert();
    AUTO(arena) arena = arena_new(16384);
    AUTO_BUF out = {0};

    (void)state;
    alert.description = TEXT("a\x7F\xC2\x85\xE2\x80\xA8\xE2\x80\xA9 \xED\x95\x9C\n\x1B");
    native_write_within(&alert, TEXT("relay-1"), 8192, &out);
    assert_true(text_find(buf_text(&out), TEXT("a\\u007f\\u0085\\u2028\\u2029 \xED\x95\x9C\\n")) <
                out.size);
    yyjson_val *root = arena_json_read(arena, buf_text(&out), NULL);

    assert_true(json_text_is(arena, root, "/description", alert.description));
}

UNIT_MAIN(cmocka_unit_test(an_alert_is_a_flat_event_around_itself),
          cmocka_unit_test(an_alert_that_was_read_from_json_stands_as_it_was_read),
          cmocka_unit_test(what_is_not_known_is_empty),
          cmocka_unit_test(a_record_too_long_loses_raw_data_then_the_ends_of_its_texts),
          cmocka_unit_test(controls_in_its_texts_do_not_cut_the_alerts_id),
          cmocka_unit_test(the_worst_texts_fit_into_the_smallest_record),
          cmocka_unit_test(a_line_has_no_control_that_some_reader_obeys))
