#include "unit.h"

#include "json_reader.h"
#include "target_unit.h"

#define RULE                                                  \
    "  endpoint: https://dce.example/\n  rule_id: dcr-00ff\n" \
    "  tenant_id: 00000000-0000-0000-0000-000000000001\n"     \
    "  client_id: app\n"

static const char by_secret[] = RULE "  client_secret: s3&cret\n  compress: false\n";

static void rows_are_an_array_always(void **state)
{
    AUTO(arena) arena = arena_new(65536);
    AUTO_REQUEST request = {0};
    struct target_unit unit = target_unit_must("sentinel", by_secret);

    (void)state;
    target_unit_render(&unit, &request);
    unit_text("url", buf_text(&request.url),
              "https://dce.example/dataCollectionRules/dcr-00ff/streams/Custom-HaechiAlerts_CL"
              "?api-version=2023-01-01");
    assert_string_equal(target_unit_header(&request, "Authorization"), "Bearer token-1");
    yyjson_val *root = arena_json_read(arena, buf_text(&request.body), NULL);

    assert_int_equal(yyjson_arr_size(root), 3);
    assert_true(json_text_is(arena, root, "/0/TimeGenerated", TEXT("2026-01-01T00:01:01.000Z")));
    assert_true(json_text_is(arena, root, "/0/AlertTime", TEXT("2026-01-01T00:00:00.123Z")));
    assert_int_equal(yyjson_get_int(yyjson_ptr_get(root, "/2/Revision")), 2);
    target_unit_close(&unit);
}

/* The columns that the templates declare, so that none is dropped silently. */
static void rows_have_the_columns_of_the_templates(void **state)
{
    AUTO(arena) arena = arena_new(1 << 20);
    AUTO_REQUEST request = {0};
    AUTO_BUF file = {0};
    struct target_unit unit = target_unit_must("sentinel", by_secret);
    FILE *stream = fopen(HAECHI_SOURCE "/deploy/sentinel/haechi-alerts.json", "rb");
    size_t i, count, columns = 0;
    yyjson_val *key, *value;

    (void)state;
    assert_non_null(stream);
    file.size = fread(buf_reserve(&file, 1 << 16), 1, 1 << 16, stream);
    fclose(stream);
    yyjson_val *declared =
        yyjson_ptr_get(arena_json_read(arena, buf_text(&file), NULL), "/variables/columns");

    target_unit_render(&unit, &request);
    yyjson_val *row = yyjson_arr_get(arena_json_read(arena, buf_text(&request.body), NULL), 0);

    yyjson_obj_foreach(row, i, count, key, value)
    {
        size_t j, all;
        yyjson_val *column;
        bool found = false;

        yyjson_arr_foreach(declared, j, all, column)
        {
            found = found || yyjson_equals(yyjson_obj_get(column, "name"), key);
        }
        if (!found)
            fail_msg("the template has no column %s", yyjson_get_str(key));
        columns++;
    }
    assert_int_equal(columns, yyjson_arr_size(declared));
    target_unit_close(&unit);
}

static void replies_are_judged_by_status(void **state)
{
    static const struct target_unit_reply cases[] = {
        {"taken", 204, "", "delivered delivered delivered"},
        {"a log-in page", 200, "<html>", "config config config"},
        {"what Azure does not say", 200, "", "config config config"},
        {"a proxy that wants a certificate", 400, "<html>", "config config config"},
        {"a transformation that fails", 400, "{\"error\":{\"code\":\"InvalidTransformOutput\"}}",
         "config config config"},
        {"no such stream", 400, "{\"error\":{\"code\":\"InvalidStream\"}}", "config config config"},
        {"no such rule", 400, "{\"error\":{\"code\":\"InvalidDcrImmutableId\"}}",
         "config config config"},
        {"a row that it cannot read", 400, "{\"error\":{\"code\":\"InvalidPayload\"}}",
         "poison poison poison"},
        {"no words", 400, "", "poison poison poison"},
        {"expired", 401, "", "config config config"},
        {"the role takes its time", 403, "", "config config config"},
        {"no such rule", 404, "", "config config config"},
        {"too large", 413, "", "too_large too_large too_large"},
        {"throttled", 429, "", "retry retry retry"},
        {"away", 503, "", "retry retry retry"},
    };

    (void)state;
    target_unit_replies("sentinel", by_secret, cases, COUNT_OF(cases));
}

static void tokens_are_asked_for_in_four_ways(void **state)
{
    static const struct {
        const char *name, *yaml, *url, *body;
        bool get;
    } cases[] = {
        {"secret", by_secret,
         "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001/oauth2/v2.0/token",
         "grant_type=client_credentials&client_id=app&client_secret=s3%26cret&"
         "scope=https%3A%2F%2Fmonitor.azure.com%2F.default",
         false},
        {"workload",
         RULE "  identity: workload\n  authority: https://login.microsoftonline.us\n"
              "  audience: https://monitor.azure.us\n",
         "https://login.microsoftonline.us/00000000-0000-0000-0000-000000000001/oauth2/v2.0/token",
         "grant_type=client_credentials&client_id=app&client_assertion_type="
         "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&"
         "client_assertion=projected.token.x&scope=https%3A%2F%2Fmonitor.azure.us%2F.default",
         false},
        {"managed", "  endpoint: https://dce.example\n  rule_id: dcr-00ff\n  identity: managed\n",
         "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&"
         "resource=https%3A%2F%2Fmonitor.azure.com",
         "", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_REQUEST request = {0};
        AUTO_BUF shown = {0};
        const struct target_context context = target_unit_context();
        struct target_unit unit = target_unit_must("sentinel", cases[i].yaml);

        assert_int_equal(unit.ops->authorize(unit.config, &context, &request, NULL), 0);
        unit_text(cases[i].name, buf_text(&request.url), cases[i].url);
        unit_text(cases[i].name, buf_text(&request.body), cases[i].body);
        assert_int_equal(request.is_metadata, cases[i].get);
        assert_int_equal(unit.ops->token_file(unit.config) != NULL, i == 1);
        request_show(&request, &shown);
        assert_int_equal(text_find(buf_text(&shown), TEXT("s3%26")), shown.size);
        target_unit_close(&unit);
    }
}

static void grants_are_read_and_refusals_explained(void **state)
{
    static const struct {
        const char *name;
        int status;
        const char *body;
        enum verdict want;
        const char *says;
    } cases[] = {
        {"granted", 200, "{\"access_token\":\"t\",\"expires_in\":3599}", VERDICT_DELIVERED, ""},
        {"something else", 200, "<html>", VERDICT_RETRY, "no access_token"},
        {"wrong secret", 401,
         "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client "
         "secret.\\r\\nTrace\"}",
         VERDICT_CONFIG, "HTTP 401: AADSTS7000215: Invalid client secret."},
        {"wrong tenant", 400, "{\"error\":\"invalid_request\"}", VERDICT_CONFIG, "HTTP 400"},
        {"throttled", 429, "", VERDICT_RETRY, "HTTP 429"},
        {"away", 503, "", VERDICT_RETRY, "HTTP 503"},
    };
    struct target_unit unit = target_unit_must("sentinel", by_secret);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF token = {0};
        struct error err = {0};
        int64_t lifetime_ms = 0;
        const struct reply reply = {cases[i].status, text_of(cases[i].body)};
        const enum verdict got = unit.ops->grant(unit.config, &reply, &token, &lifetime_ms, &err);

        if (got != cases[i].want || !strstr(err.text, cases[i].says))
            fail_msg("%s: got %s, '%s'", cases[i].name, verdict_name(got), err.text);
        assert_int_equal(lifetime_ms, got == VERDICT_DELIVERED ? 3599000 : 0);
    }
    target_unit_close(&unit);
}

static void settings_are_refused_with_what_to_do(void **state)
{
    static const struct target_unit_refusal cases[] = {
        {"  workspace_id: w\n  shared_key: k\n", "successor is the Logs Ingestion API"},
        {"  workspace_id: w\n", "(docs/targets/sentinel.md)"},
        {"  shared_key: k\n", "endpoint, rule_id, tenant_id, client_id, client_secret"},
        {"  rule_id: dcr-0\n", "endpoint is missing"},
        {"  endpoint: https://x\n", "rule_id is missing"},
        {"  endpoint: https://x\n  rule_id: dcr-0\n", "tenant_id is missing"},
        {RULE, "client_secret is missing"},
        {RULE "  identity: certificate\n", "certificate is missing"},
        {RULE "  client_secret: s\n  stream: HaechiAlerts\n", "begins with Custom-"},
        {"  endpoint: https://x\n  rule_id: dcr/../x\n  identity: managed\n", "may hold letters"},
    };

    (void)state;
    target_unit_refusals("sentinel", cases, COUNT_OF(cases));
}

UNIT_MAIN(cmocka_unit_test(rows_are_an_array_always),
          cmocka_unit_test(rows_have_the_columns_of_the_templates),
          cmocka_unit_test(replies_are_judged_by_status),
          cmocka_unit_test(tokens_are_asked_for_in_four_ways),
          cmocka_unit_test(grants_are_read_and_refusals_explained),
          cmocka_unit_test(settings_are_refused_with_what_to_do))
