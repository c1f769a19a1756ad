/* pagerduty and slack: targets that people read. */
#include "unit.h"

#include "json_reader.h"
#include "target_unit.h"

static const char pagerduty[] = "  routing_key: r0uting\n";
static const char slack[] = "  url: https://hooks.slack.example/services/T/B/x\n";

static void render_one(const struct target_unit *unit, const struct alert *alert,
                       struct request *request)
{
    const struct target_context context = target_unit_context();
    const struct parcel parcel = {&alert, 1};

    unit->ops->render(unit->config, &context, &parcel, request);
}

static void pages_are_triggered_and_resolved_by_the_alerts_id(void **state)
{
    static const struct {
        int status;
        const char *action;
    } cases[] = {{ALERT_NEW, "trigger"}, {ALERT_UPDATE, "trigger"}, {ALERT_RESOLVED, "resolve"}};
    struct target_unit unit = target_unit_must("pagerduty", pagerduty);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(65536);
        AUTO_REQUEST request = {0};
        AUTO_BUF shown = {0};
        struct alert alert = sample_alert();

        alert.status = cases[i].status;
        render_one(&unit, &alert, &request);
        yyjson_val *root = arena_json_read(arena, buf_text(&request.body), NULL);

        assert_true(json_text_is(arena, root, "/event_action", text_of(cases[i].action)));
        assert_true(json_text_is(arena, root, "/dedup_key", alert.alert_id));
        assert_int_equal(yyjson_obj_get(root, "payload") != NULL,
                         cases[i].status != ALERT_RESOLVED);
        request_show(&request, &shown);
        assert_int_equal(text_find(buf_text(&shown), TEXT("r0uting")), shown.size);
    }
    target_unit_close(&unit);
}

static void a_page_says_what_where_and_how_bad(void **state)
{
    char korean[3 * 1000];
    AUTO(arena) arena = arena_new(65536);
    AUTO_REQUEST request = {0};
    struct alert alert = sample_alert();
    struct target_unit unit = target_unit_must("pagerduty", pagerduty);

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        memcpy(korean + 3 * i, "\xED\x95\x9C", 3);
    alert.description = (struct text){korean, sizeof(korean)};
    render_one(&unit, &alert, &request);
    unit_text("url", buf_text(&request.url), "https://events.pagerduty.com/v2/enqueue");
    yyjson_val *root = arena_json_read(arena, buf_text(&request.body), NULL);
    yyjson_val *summary = yyjson_ptr_get(root, "/payload/summary");

    assert_true(yyjson_get_len(summary) <= 1024 && yyjson_get_len(summary) > 1000);
    assert_true(text_starts(text_of(yyjson_get_str(summary)), TEXT("Brute force: \xED\x95\x9C")));
    assert_true(json_text_is(arena, root, "/payload/source", TEXT("web-1")));
    assert_true(json_text_is(arena, root, "/payload/severity", TEXT("error")));
    assert_int_equal(unit.ops->limits(unit.config).max_events, 1);
    target_unit_close(&unit);
}

static void replies_of_pagerduty_are_judged(void **state)
{
    static const struct target_unit_reply cases[] = {
        {"taken", 202, "{\"status\":\"success\",\"dedup_key\":\"k\"}",
         "delivered delivered delivered"},
        {"a log-in page", 200, "<html>", "config config config"},
        {"a proxy that wants a certificate", 400, "<html>", "config config config"},
        {"invalid event", 400, "{\"errors\":[\"'payload.summary' is missing\"]}",
         "poison poison poison"},
        {"invalid key", 400, "{\"errors\":[\"Invalid routing key\"]}", "config config config"},
        {"a key of another length", 400,
         "{\"status\":\"invalid event\",\"message\":\"Event object is "
         "invalid\",\"errors\":[\"Length "
         "of 'routing_key' is incorrect (should be 32 characters)\"]}",
         "config config config"},
        {"not allowed", 403, "", "config config config"},
        {"too large", 413, "", "too_large too_large too_large"},
        {"throttled", 429, "", "retry retry retry"},
        {"away", 500, "", "retry retry retry"},
        {"a gateway's", 502, "<html>", "retry retry retry"},
    };

    (void)state;
    target_unit_replies("pagerduty", pagerduty, cases, COUNT_OF(cases));
}

static void alerts_share_a_message_with_a_section_each(void **state)
{
    AUTO(arena) arena = arena_new(65536);
    AUTO_REQUEST request = {0};
    AUTO_BUF shown = {0};
    struct target_unit unit = target_unit_must("slack", slack);

    (void)state;
    target_unit_render(&unit, &request);
    yyjson_val *root = arena_json_read(arena, buf_text(&request.body), NULL);

    assert_true(json_text_is(arena, root, "/text", TEXT("HIGH Brute force and 2 more")));
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "blocks")), 3);
    assert_true(json_text_is(
        arena, root, "/blocks/0/text/text",
        TEXT("*HIGH* Brute force\n12 failed logins\nsource 203.0.113.7 \xC2\xB7 target 2001:db8::1 "
             "\xC2\xB7 user root \xC2\xB7 host web-1 \xC2\xB7 rule brute_force \xC2\xB7 alert "
             "SEC-0123456789abcdef0123456789abcdef")));
    request_show(&request, &shown);
    assert_int_equal(text_find(buf_text(&shown), TEXT("services/T/B")), shown.size);
    target_unit_close(&unit);
}

static void attackers_mention_nobody_and_link_nothing(void **state)
{
    char ampersands[2000];
    AUTO(arena) arena = arena_new(65536);
    AUTO_REQUEST request = {0};
    struct alert alert = sample_alert();
    struct target_unit unit = target_unit_must("slack", slack);

    (void)state;
    memset(ampersands, '&', sizeof(ampersands));
    alert.title = TEXT("<!channel> <https://evil.example|click>\n*CRITICAL*");
    alert.description = alert.user = alert.host = alert.source_ip = alert.target_ip =
        alert.rule_id = (struct text){ampersands, sizeof(ampersands)};
    render_one(&unit, &alert, &request);
    yyjson_val *root = arena_json_read(arena, buf_text(&request.body), NULL);
    yyjson_val *text = yyjson_ptr_get(root, "/blocks/0/text/text");

    assert_true(text_ends(text_of(yyjson_get_str(text)), alert.alert_id));

    assert_true(text_starts(text_of(yyjson_get_str(text)),
                            TEXT("*HIGH* &lt;!channel&gt; &lt;https://evil.example|click&gt;"
                                 "\xE2\x90\x8A*CRITICAL*\n&amp;&amp;")));
    assert_true(yyjson_is_true(yyjson_ptr_get(root, "/blocks/0/text/verbatim")));
    assert_true(yyjson_get_len(text) < 3000);
    target_unit_close(&unit);
}

static void replies_of_slack_are_judged(void **state)
{
    static const struct target_unit_reply cases[] = {
        {"taken", 200, "ok", "delivered delivered delivered"},
        {"a log-in page", 200, "<html>", "config config config"},
        {"a proxy that wants a certificate", 400, "<html>", "config config config"},
        {"malformed", 400, "invalid_payload", "poison poison poison"},
        {"not allowed", 403, "action_prohibited", "config config config"},
        {"no such webhook", 404, "no_service", "config config config"},
        {"archived", 410, "channel_is_archived", "config config config"},
        {"too fast", 429, "", "retry retry retry"},
        {"away", 500, "rollup_error", "retry retry retry"},
    };
    static const struct target_unit_refusal refused[] = {
        {"  url: hooks.slack.com\n", "not an http"}};

    (void)state;
    target_unit_replies("slack", slack, cases, COUNT_OF(cases));
    target_unit_refusals("slack", refused, COUNT_OF(refused));
}

UNIT_MAIN(cmocka_unit_test(pages_are_triggered_and_resolved_by_the_alerts_id),
          cmocka_unit_test(a_page_says_what_where_and_how_bad),
          cmocka_unit_test(replies_of_pagerduty_are_judged),
          cmocka_unit_test(alerts_share_a_message_with_a_section_each),
          cmocka_unit_test(attackers_mention_nobody_and_link_nothing),
          cmocka_unit_test(replies_of_slack_are_judged))
