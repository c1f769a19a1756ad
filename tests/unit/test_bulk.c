#include "unit.h"

#include "forwarder/bulk.h"
#include "hostile_alert.h"
#include "json_reader.h"

static void an_alert_is_two_lines_with_its_identity(void **state)
{
    const struct alert alert = sample_alert();
    AUTO_BUF out = {0};

    (void)state;
    bulk_write(&alert, TEXT("relay-1"), false, &out);
    assert_true(text_starts(
        buf_text(&out),
        TEXT("{\"create\":{\"_id\":\"SEC-0123456789abcdef0123456789abcdef-2\"}}\n"
             "{\"@timestamp\":\"2026-01-01T00:00:00.123Z\",\"timestamp\":\"2026-01-01T")));
    assert_true(text_ends(buf_text(&out), TEXT("\"version\":\"" HAECHI_VERSION "\"}\n")));
    buf_reset(&out);
    bulk_write(&alert, TEXT("relay-1"), true, &out);
    assert_true(text_find(buf_text(&out), TEXT("}}\n{\"@timestamp\":\"2026-01-01T00:00:00.123Z\","
                                               "\"ecs\":")) < out.size);
    assert_true(text_ends(buf_text(&out), TEXT("}\n")));
}

static void items_are_judged_one_by_one(void **state)
{
    static const struct {
        const char *name, *item;
        enum bulk_outcome want;
    } cases[] = {
        {"made", "{\"status\":201}", BULK_TAKEN},
        {"found", "{\"status\":200}", BULK_TAKEN},
        {"there already",
         "{\"status\":409,\"error\":{\"type\":\"version_conflict_engine_exception\"}}", BULK_TAKEN},
        {"does not fit the mapping",
         "{\"status\":400,\"error\":{\"type\":\"document_parsing_exception\",\"reason\":\"x\"}}",
         BULK_POISON},
        {"does not fit, older",
         "{\"status\":400,\"error\":{\"type\":\"mapper_parsing_exception\",\"reason\":\"x\"}}",
         BULK_POISON},
        {"busy", "{\"status\":429,\"error\":{\"type\":\"es_rejected_execution_exception\"}}",
         BULK_RETRY},
        {"disk full, as 403", "{\"status\":403,\"error\":{\"type\":\"cluster_block_exception\"}}",
         BULK_RETRY},
        {"disk full, as 429", "{\"status\":429,\"error\":{\"type\":\"cluster_block_exception\"}}",
         BULK_RETRY},
        {"not allowed", "{\"status\":403,\"error\":{\"type\":\"security_exception\"}}",
         BULK_CONFIG},
        {"no such index", "{\"status\":404,\"error\":{\"type\":\"index_not_found_exception\"}}",
         BULK_CONFIG},
        {"a closed index", "{\"status\":400,\"error\":{\"type\":\"index_closed_exception\"}}",
         BULK_CONFIG},
        {"a name that no index may have",
         "{\"status\":400,\"error\":{\"type\":\"invalid_index_name_exception\"}}", BULK_CONFIG},
        {"no shard is left to make the index",
         "{\"status\":400,\"error\":{\"type\":\"validation_exception\",\"reason\":\"Validation "
         "Failed: 1: this action would add [2] shards, but this cluster currently has "
         "[1000]/[1000] maximum normal shards open;\"}}",
         BULK_CONFIG},
        {"the same, of an older cluster",
         "{\"status\":400,\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":\""
         "Validation Failed: 1: this action would add [2] total shards, but\"}}",
         BULK_CONFIG},
        {"a pipeline that is missing",
         "{\"status\":400,\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":\""
         "pipeline with id [geo] does not exist\"}}",
         BULK_CONFIG},
        {"a document that quotes such a reason",
         "{\"status\":400,\"error\":{\"type\":\"document_parsing_exception\",\"reason\":\"failed "
         "to parse 'this action would add [2] shards'\"}}",
         BULK_POISON},
        {"the same within an argument",
         "{\"status\":400,\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":\"field "
         "'this action would add '\"}}",
         BULK_POISON},
        {"too many fields",
         "{\"status\":400,\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":\"Limit of "
         "total fields [1000] has been exceeded\"}}",
         BULK_POISON},
        {"shard away", "{\"status\":503,\"error\":{\"type\":\"unavailable_shards_exception\"}}",
         BULK_RETRY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        AUTO_BUF body = {0};
        enum bulk_outcome outcomes[2];
        struct text reason;

        buf_addf(&body, "{\"errors\":true,\"items\":[{\"create\":%s},{\"create\":%s}]}",
                 cases[i].item, "{\"status\":201}");
        assert_true(bulk_read_reply(buf_text(&body), 2, arena, outcomes, &reason));
        if (outcomes[0] != cases[i].want || outcomes[1] != BULK_TAKEN)
            fail_msg("%s: got %d, want %d", cases[i].name, (int)outcomes[0], (int)cases[i].want);
        if ((reason.size > 0) != (cases[i].want != BULK_TAKEN))
            fail_msg("%s: reason '%.*s'", cases[i].name, TEXT_ARG(reason));
    }
}

static void the_reason_is_that_of_the_first_refusal(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    enum bulk_outcome outcomes[2];
    struct text reason;

    (void)state;
    assert_true(bulk_read_reply(
        TEXT("{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":400,\"error\":{"
             "\"type\":\"mapper_parsing_exception\",\"reason\":\"failed to parse\"}}}]}"),
        2, arena, outcomes, &reason));
    unit_text("reason", reason, "mapper_parsing_exception: failed to parse");
}

static void what_is_no_such_reply_is_said_to_be_none(void **state)
{
    static const char *const cases[] = {
        "",
        "<html>",
        "{}",
        "{\"items\":{}}",
        "{\"items\":[]}",
        "{\"items\":[{},{}]}",
        "{\"items\":[{\"create\":{\"status\":201}}]}",
        "{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":\"201\"}}]}",
        "{\"items\":[{\"create\":{\"status\":201}},{\"index\":{\"status\":201}}]}",
        "{\"items\":[1,2]}",
        "[]",
        "null",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        enum bulk_outcome outcomes[2];
        struct text reason;

        if (bulk_read_reply(text_of(cases[i]), 2, arena, outcomes, &reason))
            fail_msg("%s is taken for a reply", cases[i]);
    }
}

UNIT_MAIN(cmocka_unit_test(an_alert_is_two_lines_with_its_identity),
          cmocka_unit_test(items_are_judged_one_by_one),
          cmocka_unit_test(the_reason_is_that_of_the_first_refusal),
          cmocka_unit_test(what_is_no_such_reply_is_said_to_be_none))
