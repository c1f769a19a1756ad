#include "unit.h"

#include "forwarder/webhook.h"
#include "json_reader.h"
#include "target_unit.h"

static const char bearer[] = "  url: https://siem.example/in\n  token: t0ken\n"
                             "  headers: {X-Team: blue}\n";
static const char webhook[] = "  url: https://siem.example/in\n  mode: webhook\n"
                              "  secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n";

static void a_batch_is_a_list_of_events(void **state)
{
    AUTO(arena) arena = arena_new(65536);
    AUTO_REQUEST request = {0};
    struct target_unit unit = target_unit_must("http", bearer);

    (void)state;
    target_unit_render(&unit, &request);
    unit_text("url", buf_text(&request.url), "https://siem.example/in");
    assert_string_equal(target_unit_header(&request, "Authorization"), "Bearer t0ken");
    assert_string_equal(target_unit_header(&request, "X-Team"), "blue");
    assert_string_equal(target_unit_header(&request, "Content-Type"), "application/json");
    yyjson_val *root = arena_json_read(arena, buf_text(&request.body), NULL);

    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "events")), 3);
    assert_int_equal(yyjson_get_int(yyjson_ptr_get(root, "/events/2/revision")), 2);
    target_unit_close(&unit);
}

static void a_webhook_is_signed_and_named_by_what_it_delivers(void **state)
{
    AUTO(arena) arena = arena_new(65536);
    AUTO_REQUEST request = {0};
    AUTO_BUF want = {0};
    struct webhook_key key;
    struct target_unit unit = target_unit_must("http", webhook);

    (void)state;
    target_unit_render(&unit, &request);
    assert_int_equal(unit.ops->limits(unit.config).max_events, 1);
    assert_string_equal(target_unit_header(&request, "webhook-id"),
                        "SEC-0123456789abcdef0123456789abcdef-0");
    assert_string_equal(target_unit_header(&request, "webhook-timestamp"), "1767225662");
    webhook_parse_secret(TEXT("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &key, NULL);
    webhook_sign(&key, 1, TEXT("SEC-0123456789abcdef0123456789abcdef-0"), 1767225662,
                 buf_text(&request.body), &want);
    assert_string_equal(target_unit_header(&request, "webhook-signature"), buf_string(&want));
    yyjson_val *root = arena_json_read(arena, buf_text(&request.body), NULL);

    assert_true(json_text_is(arena, root, "/type", TEXT("alert.update")));
    assert_true(json_text_is(arena, root, "/data/title", TEXT("Brute force")));
    target_unit_close(&unit);
}

static void bodies_may_be_ecs_or_ocsf(void **state)
{
    static const struct {
        const char *body, *pointer;
    } cases[] = {{"native", "/events/0/event_id"},
                 {"ecs", "/events/0/event/id"},
                 {"ocsf", "/events/0/finding_info/uid"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(65536);
        AUTO_BUF yaml = {0};
        AUTO_REQUEST request = {0};

        buf_addf(&yaml, "%s  body: %s\n", bearer, cases[i].body);
        struct target_unit unit = target_unit_must("http", buf_string(&yaml));

        target_unit_render(&unit, &request);
        yyjson_val *root = arena_json_read(arena, buf_text(&request.body), NULL);

        if (!yyjson_is_str(yyjson_ptr_get(root, cases[i].pointer)))
            fail_msg("%s: nothing at %s", cases[i].body, cases[i].pointer);
        target_unit_close(&unit);
    }
}

static void replies_are_judged_by_status(void **state)
{
    static const struct target_unit_reply cases[] = {
        {"taken", 202, "", "delivered delivered delivered"},
        {"taken, without a word", 204, "", "delivered delivered delivered"},
        {"moved: not followed", 308, "", "config config config"},
        {"malformed", 400, "no", "poison poison poison"},
        {"no token", 401, "", "config config config"},
        {"not allowed", 403, "", "config config config"},
        {"no such address", 404, "", "config config config"},
        {"no POST there", 405, "", "config config config"},
        {"too slow", 408, "", "retry retry retry"},
        {"gone: the receiver wants no more", 410, "", "config config config"},
        {"too large", 413, "", "too_large too_large too_large"},
        {"an address too long", 414, "", "config config config"},
        {"an expectation", 417, "", "config config config"},
        {"headers too large", 431, "", "config config config"},
        {"nginx: a certificate is missing", 496, "", "config config config"},
        {"nginx: no TLS", 497, "", "config config config"},
        {"no such type", 415, "", "config config config"},
        {"unprocessable", 422, "no", "poison poison poison"},
        {"throttled", 429, "slow down", "retry retry retry"},
        {"broken", 500, "", "retry retry retry"},
        {"bad gateway", 502, "<html>", "retry retry retry"},
        {"away", 503, "", "retry retry retry"},
        {"gateway too slow", 504, "", "retry retry retry"},
        {"disk full", 507, "", "retry retry retry"},
    };

    (void)state;
    target_unit_replies("http", bearer, cases, COUNT_OF(cases));
    /* The HTTP Receiver and whatever takes CEF say no more than a status. */
    target_unit_replies("qradar", "  transport: http\n  url: https://q.example\n", cases,
                        COUNT_OF(cases));
    target_unit_replies("arcsight", "  transport: http\n  url: https://a.example\n", cases,
                        COUNT_OF(cases));
}

static void settings_that_do_not_go_together_are_refused(void **state)
{
    static const struct target_unit_refusal cases[] = {
        {"  mode: batch\n", "url"},
        {"  url: https://x/\n  secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "mode has to be"},
        {"  url: https://x/\n  mode: webhook\n  secret: password\n", "whsec_"},
        {"  url: https://x/\n  mode: webhook\n  compress: true\n", "compress does not go"},
        {"  url: https://x/\n  mode: webhook\n"
         "  previous_secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
         "without a secret"},
    };

    (void)state;
    target_unit_refusals("http", cases, COUNT_OF(cases));
}

UNIT_MAIN(cmocka_unit_test(a_batch_is_a_list_of_events),
          cmocka_unit_test(a_webhook_is_signed_and_named_by_what_it_delivers),
          cmocka_unit_test(bodies_may_be_ecs_or_ocsf),
          cmocka_unit_test(replies_are_judged_by_status),
          cmocka_unit_test(settings_that_do_not_go_together_are_refused))
