#include "unit.h"

#include "json_reader.h"
#include "target_unit.h"

static const char plain[] =
    "  url: https://splunk.example:8088/\n  token: t0ken\n  compress: false\n";
static const char acked[] = "  url: https://splunk.example:8088\n  token: t0ken\n"
                            "  acknowledge: true\n";

static void events_follow_one_another_without_commas(void **state)
{
    AUTO_REQUEST request = {0};
    struct target_unit unit = target_unit_must("splunk", plain);
    struct text rest, line;
    int count = 0;

    (void)state;
    target_unit_render(&unit, &request);
    unit_text("url", buf_text(&request.url),
              "https://splunk.example:8088/services/collector/event");
    assert_string_equal(target_unit_header(&request, "Authorization"), "Splunk t0ken");
    assert_null(target_unit_header(&request, "X-Splunk-Request-Channel"));
    rest = buf_text(&request.body);
    while (text_split(&rest, '\n', &line) && line.size > 0) {
        AUTO(arena) arena = arena_new(65536);
        yyjson_val *root = arena_json_read(arena, line, NULL);

        assert_true(json_text_is(arena, root, "/index", TEXT("security")));
        assert_true(json_text_is(arena, root, "/source", TEXT("security_monitoring")));
        assert_true(json_text_is(arena, root, "/sourcetype", TEXT("security_event")));
        assert_int_equal(yyjson_get_int(yyjson_ptr_get(root, "/event/revision")), count++);
    }
    assert_int_equal(count, 3);
    target_unit_close(&unit);
}

static void replies_name_the_guilty_event_and_what_became_of_the_others(void **state)
{
    static const struct target_unit_reply cases[] = {
        {"taken", 200, "{\"text\":\"Success\",\"code\":0}", "delivered delivered delivered"},
        {"taken, nearly full", 200, "{\"code\":24}", "delivered delivered delivered"},
        {"the second", 400, "{\"code\":6,\"invalid-event-number\":1}", "delivered poison retry"},
        {"the third, field", 400, "{\"code\":15,\"invalid-event-number\":2}",
         "delivered delivered poison"},
        {"the first of a body too long for the Cloud", 400,
         "{\"code\":6,\"invalid-event-number\":0}", "poison poison poison"},
        {"wrong index of the second", 400, "{\"code\":7,\"invalid-event-number\":2}",
         "delivered config retry"},
        {"wrong index", 400, "{\"code\":7}", "config config config"},
        {"invalid token", 403, "{\"code\":4}", "config config config"},
        {"busy", 503, "{\"code\":9}", "retry retry retry"},
        {"full", 429, "{\"code\":26}", "retry retry retry"},
        {"too large", 413, "", "too_large too_large too_large"},
        {"acknowledgement that was not asked for", 200, "{\"code\":0,\"ackId\":3}",
         "delivered delivered delivered"},
    };

    (void)state;
    target_unit_replies("splunk", plain, cases, COUNT_OF(cases));
}

static void acknowledged_alerts_wait_for_the_indexers(void **state)
{
    AUTO_REQUEST request = {0};
    AUTO_REQUEST question = {0};
    AUTO_BUF verdicts = {0};
    const struct target_context context = target_unit_context();
    struct target_unit unit = target_unit_must("splunk", acked);
    int64_t receipt = -1;

    (void)state;
    target_unit_render(&unit, &request);
    assert_string_equal(target_unit_header(&request, "X-Splunk-Request-Channel"),
                        "0f2cb0f4-6a5e-4a7e-9f11-000000000001");
    assert_string_equal(target_unit_header(&request, "Content-Encoding"), "gzip");
    target_unit_judge(&unit, 200, "{\"code\":0,\"ackId\":7}", &verdicts, NULL, &receipt);
    unit_text("verdicts", buf_text(&verdicts), "pending pending pending");
    assert_int_equal(receipt, 7);
    unit.ops->ask(unit.config, &context, receipt, &question);
    unit_text("url", buf_text(&question.url),
              "https://splunk.example:8088/services/collector/ack?channel="
              "0f2cb0f4-6a5e-4a7e-9f11-000000000001");
    unit_text("body", buf_text(&question.body), "{\"acks\":[7]}");
    assert_string_equal(target_unit_header(&question, "X-Splunk-Request-Channel"),
                        "0f2cb0f4-6a5e-4a7e-9f11-000000000001");
    target_unit_close(&unit);
}

static void who_wants_acknowledgements_gets_them_or_an_operator(void **state)
{
    static const struct target_unit_reply cases[] = {
        {"a receipt", 200, "{\"code\":0,\"ackId\":0}", "pending pending pending"},
        {"a receipt as a text", 200, "{\"code\":0,\"ackId\":\"12\"}", "pending pending pending"},
        {"none", 200, "{\"text\":\"Success\",\"code\":0}", "config config config"},
        {"none, nearly full", 200, "{\"code\":24}", "config config config"},
        {"those before the third have none", 400, "{\"code\":6,\"invalid-event-number\":2}",
         "retry retry poison"},
    };

    (void)state;
    target_unit_replies("splunk", acked, cases, COUNT_OF(cases));
}

static void answers_about_a_receipt_are_heard(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum verdict want;
    } cases[] = {
        {200, "{\"acks\":{\"7\":true}}", VERDICT_DELIVERED},
        {200, "{\"acks\":{\"7\":false}}", VERDICT_PENDING},
        {200, "<html>", VERDICT_PENDING},
        {404, "<html>", VERDICT_PENDING},
        {400, "<html>", VERDICT_PENDING},
        {401, "", VERDICT_CONFIG},
        {503, "{\"code\":19}", VERDICT_PENDING},
        {400, "{\"code\":14}", VERDICT_CONFIG},
        {403, "{\"code\":4}", VERDICT_CONFIG},
        {400, "{\"code\":10}", VERDICT_CONFIG},
    };
    struct target_unit unit = target_unit_must("splunk", acked);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct reply reply = {cases[i].status, text_of(cases[i].body)};
        const enum verdict got = unit.ops->hear(unit.config, 7, &reply);

        if (got != cases[i].want)
            fail_msg("%d %s: got %s", cases[i].status, cases[i].body, verdict_name(got));
    }
    target_unit_close(&unit);
}

static void health_is_asked_without_the_token(void **state)
{
    AUTO_REQUEST request = {0};
    struct target_unit unit = target_unit_must("splunk", plain);

    (void)state;
    unit.ops->greet(unit.config, &request);
    assert_string_equal(request.method, "GET");
    unit_text("url", buf_text(&request.url),
              "https://splunk.example:8088/services/collector/health");
    assert_null(target_unit_header(&request, "Authorization"));
    target_unit_close(&unit);
}

static void only_what_says_that_it_is_ill_is_waited_for(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum verdict want;
    } cases[] = {
        {200, "{\"text\":\"HEC is healthy\",\"code\":17}", VERDICT_DELIVERED},
        {200, "{\"text\":\"Success\",\"code\":200}", VERDICT_DELIVERED},
        {503, "{\"code\":18}", VERDICT_RETRY},
        {503, "{\"code\":19}", VERDICT_RETRY},
        {503, "{\"code\":20}", VERDICT_RETRY},
        {503, "{\"code\":23}", VERDICT_RETRY},
        {503, "<html>", VERDICT_DELIVERED},
        {404, "", VERDICT_DELIVERED},
        {501, "", VERDICT_DELIVERED},
    };
    struct target_unit unit = target_unit_must("splunk", plain);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct reply reply = {cases[i].status, text_of(cases[i].body)};
        const enum verdict got = unit.ops->welcome(unit.config, &reply);

        if (got != cases[i].want)
            fail_msg("%d %s: got %s", cases[i].status, cases[i].body, verdict_name(got));
    }
    target_unit_close(&unit);
}

static void an_address_may_have_the_path_of_events(void **state)
{
    static const char *const urls[] = {
        "https://s.example:8088",
        "https://s.example:8088/",
        "https://s.example:8088/services/collector",
        "https://s.example:8088/services/collector/event",
        "https://s.example:8088/services/collector/event/",
        "https://s.example:8088/services/collector/event/1.0",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        AUTO_BUF yaml = {0};
        AUTO_REQUEST request = {0};

        buf_addf(&yaml, "  url: %s\n  token: t\n", urls[i]);
        struct target_unit unit = target_unit_must("splunk", buf_string(&yaml));

        target_unit_render(&unit, &request);
        unit_text(urls[i], buf_text(&request.url),
                  "https://s.example:8088/services/collector/event");
        target_unit_close(&unit);
    }
}

static void another_path_stays_and_another_endpoint_is_refused(void **state)
{
    static const struct target_unit_refusal refused[] = {
        {"  token: t\n  url: https://s.example/services/collector/raw\n", "url is"},
        {"  token: t\n  url: https://s.example/services/collector/event?x=1\n", "url is"},
        {"  token: t\n  url: https://s.example/#top\n", "url is"},
    };
    AUTO_REQUEST request = {0};
    struct target_unit unit =
        target_unit_must("splunk", "  url: https://proxy.example/event\n  token: t\n");

    (void)state;
    target_unit_render(&unit, &request);
    unit_text("url", buf_text(&request.url),
              "https://proxy.example/event/services/collector/event");
    target_unit_close(&unit);
    target_unit_refusals("splunk", refused, COUNT_OF(refused));
}

UNIT_MAIN(cmocka_unit_test(events_follow_one_another_without_commas),
          cmocka_unit_test(replies_name_the_guilty_event_and_what_became_of_the_others),
          cmocka_unit_test(acknowledged_alerts_wait_for_the_indexers),
          cmocka_unit_test(who_wants_acknowledgements_gets_them_or_an_operator),
          cmocka_unit_test(answers_about_a_receipt_are_heard),
          cmocka_unit_test(health_is_asked_without_the_token),
          cmocka_unit_test(only_what_says_that_it_is_ill_is_waited_for),
          cmocka_unit_test(an_address_may_have_the_path_of_events),
          cmocka_unit_test(another_path_stays_and_another_endpoint_is_refused))
