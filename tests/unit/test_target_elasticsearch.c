#include "unit.h"

#include "target_unit.h"

static const char plain[] = "  url: https://es.example:9200/\n  api_key: a2V5\n  compress: false\n";

static void a_parcel_is_a_bulk_of_creates(void **state)
{
    AUTO_REQUEST request = {0};
    struct target_unit unit = target_unit_must("elasticsearch", plain);
    struct text rest, line;
    int lines = 0;

    (void)state;
    target_unit_render(&unit, &request);
    unit_text("url", buf_text(&request.url), "https://es.example:9200/haechi-alerts/_bulk");
    assert_string_equal(target_unit_header(&request, "Authorization"), "ApiKey a2V5");
    assert_string_equal(target_unit_header(&request, "Content-Type"), "application/x-ndjson");
    assert_true(text_ends(buf_text(&request.body), TEXT("}\n")));
    rest = buf_text(&request.body);
    while (text_split(&rest, '\n', &line) && line.size > 0) {
        const struct text want = lines % 2 ? TEXT("{\"@timestamp\":\"2026-01-01T00:00:00.123Z\"")
                                           : TEXT("{\"create\":{\"_id\":\"SEC-");

        assert_true(text_starts(line, want));
        lines++;
    }
    assert_int_equal(lines, 6);
    target_unit_close(&unit);
}

static void a_user_is_sent_as_basic(void **state)
{
    AUTO_REQUEST request = {0};
    struct target_unit unit = target_unit_must(
        "opensearch", "  url: https://es.example\n  username: Aladdin\n  password: open sesame\n");

    (void)state;
    target_unit_render(&unit, &request);
    assert_string_equal(target_unit_header(&request, "Authorization"),
                        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    target_unit_close(&unit);
}

static void replies_are_judged_item_by_item(void **state)
{
    static const struct target_unit_reply cases[] = {
        {"all made", 200,
         "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}},"
         "{\"create\":{\"status\":201}}]}",
         "delivered delivered delivered"},
        {"there, bad, busy", 200,
         "{\"errors\":true,\"items\":[{\"create\":{\"status\":409,\"error\":{\"type\":\"v\"}}},"
         "{\"create\":{\"status\":400,\"error\":{\"type\":\"mapper_parsing_exception\"}}},"
         "{\"create\":{\"status\":429,\"error\":{\"type\":\"es_rejected_execution_exception\"}}}]}",
         "delivered poison retry"},
        {"something else answers", 200, "<html>log in</html>", "config config config"},
        {"an item too few", 200, "{\"items\":[{\"create\":{\"status\":201}}]}",
         "config config config"},
        {"too large", 413, "", "too_large too_large too_large"},
        {"busy", 429, "", "retry retry retry"},
        {"no node", 503, "", "retry retry retry"},
        {"wrong key", 401, "{}", "config config config"},
        {"not allowed", 403, "{}", "config config config"},
        {"a cluster that is read-only", 403,
         "{\"error\":{\"type\":\"cluster_block_exception\"},\"status\":403}", "retry retry retry"},
        {"a name that no index may have", 400,
         "{\"error\":{\"type\":\"invalid_index_name_exception\"},\"status\":400}",
         "config config config"},
        {"no bulk", 400, "{\"error\":{\"type\":\"illegal_argument_exception\"},\"status\":400}",
         "config config config"},
        {"an _id that is too long", 400,
         "{\"error\":{\"type\":\"action_request_validation_exception\"},\"status\":400}",
         "poison poison poison"},
        {"a proxy that wants a certificate", 400, "<html>", "config config config"},
        {"another word of a proxy's", 422, "", "config config config"},
        {"taken by something else", 202, "", "config config config"},
        {"moved", 302, "", "config config config"},
        {"packed, where that is not taken", 415, "", "config config config"},
    };

    (void)state;
    target_unit_replies("elasticsearch", plain, cases, COUNT_OF(cases));
}

static void settings_that_do_not_go_together_are_refused(void **state)
{
    static const struct target_unit_refusal cases[] = {
        {"  url: https://x\n  index: Alerts\n", "capital"},
        {"  url: https://x\n  index: a/_doc\n", "index is"},
        {"  url: https://x\n  username: u\n", "go together"},
        {"  url: https://x\n  username: u\n  password: p\n  api_key: k\n", "one is enough"},
    };

    (void)state;
    target_unit_refusals("elasticsearch", cases, COUNT_OF(cases));
}

UNIT_MAIN(cmocka_unit_test(a_parcel_is_a_bulk_of_creates),
          cmocka_unit_test(a_user_is_sent_as_basic),
          cmocka_unit_test(replies_are_judged_item_by_item),
          cmocka_unit_test(settings_that_do_not_go_together_are_refused))
