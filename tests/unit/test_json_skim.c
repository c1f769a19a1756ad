#include "unit.h"

#include "detector/json.h"
#include "detector/json_fields.h"
#include "detector/json_skim.h"

static const struct {
    const char *name;
    const char *log;
    const char *want; /* members, one behind another; "?" at the end: unsure */
} cases[] = {
    {"texts", "{\"a\":\"b\",\"c\":\"\"}", "a=b;c=;"},
    {"an empty key", "{\"\":\"b\"}", "=b;"},
    {"blanks wherever they may be", " {\t\"a\" :\n\"b\" , \"c\"\r: 1 } \n", "a=b;c;"},
    {"numbers", "{\"a\":0,\"b\":-12.50,\"c\":3}", "a;b;c;"},
    {"words", "{\"a\":true,\"b\":false,\"c\":null}", "a;b;c;"},
    {"a text longer than is looked at in one go", "{\"a\":\"0123456789abcdef0123456789abcdef0\"}",
     "a=0123456789abcdef0123456789abcdef0;"},
    {"nothing", "", "?"},
    {"an empty object", "{}", "?"},
    {"no object", "\"a\"", "?"},
    {"not closed", "{\"a\":1", "?"},
    {"more behind it", "{\"a\":1}x", "?"},
    {"more behind it that ends likewise", "{\"a\":1}}", "a;?"},
    {"a brace alone", "}", "?"},
    {"blanks alone", " \n", "?"},
    {"a text with the last brace in it", "{\"a\":\"}", "?"},
    {"a text that ends where a block does",
     "{\"a\":\"0123456789abcdef0123456789abcdef0123456789abcdef012345678\",\"b\":\"c\"}",
     "a=0123456789abcdef0123456789abcdef0123456789abcdef012345678;b=c;"},
    {"a comma before the end", "{\"a\":1,}", "a;?"},
    {"no comma", "{\"a\":1 \"b\":2}", "a;?"},
    {"no colon", "{\"a\" 1}", "?"},
    {"no value", "{\"a\":}", "?"},
    {"a key without quotes", "{a:1}", "?"},
    {"a text that does not end", "{\"a\":\"b", "?"},
    {"an escape", "{\"a\":\"b\\n\"}", "?"},
    {"an escape far into a text", "{\"a\":\"0123456789abcdef01\\\"2\"}", "?"},
    {"a control", "{\"a\":\"b\tc\"}", "?"},
    {"beyond ASCII", "{\"a\":\"\xC3\xA9\"}", "?"},
    {"an object inside", "{\"a\":{\"b\":1}}", "?"},
    {"a list inside", "{\"a\":[1]}", "?"},
    {"a 0 at the front", "{\"a\":01}", "?"},
    {"nothing behind the point", "{\"a\":1.}", "?"},
    {"nothing before the point", "{\"a\":.1}", "?"},
    {"a sign alone", "{\"a\":-}", "?"},
    {"an exponent", "{\"a\":1e5}", "a;?"},
    {"half a word", "{\"a\":tru}", "?"},
    {"more than a word", "{\"a\":nullx}", "a;?"},
};

static void skims_what_is_plain_and_says_where_it_is_unsure(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_skim skim;
        struct text key, value;
        enum json_skim_found found;
        AUTO_BUF got = {0};

        json_skim_start(&skim, text_of(cases[i].log));
        while ((found = json_skim_next(&skim, &key, &value)) < JSON_SKIM_END) {
            buf_add(&got, key);
            if (found == JSON_SKIM_TEXT)
                buf_add_byte(&got, '=');
            buf_add(&got, value);
            buf_add_byte(&got, ';');
        }
        if (found == JSON_SKIM_UNSURE)
            buf_add_byte(&got, '?');
        unit_text(cases[i].name, buf_text(&got), cases[i].want);
    }
}

/* True: the skim was sure, and right. */
static bool agrees(const struct json_fields *fields, struct text log, struct arena *arena)
{
    struct error err = {0};
    struct text message;
    bool is_bad = false;

    if (!json_fields_skim_message(fields, log, &message))
        return false;
    yyjson_val *root = json_read(log, arena, &is_bad, &err);

    if (!root || is_bad || !yyjson_is_obj(root))
        fail_msg("skimmed, but not plain JSON: '%.*s'", TEXT_ARG(log));
    struct text parsed = json_text(json_fields_find_message(fields, root), arena);

    if (!text_equal(message, parsed))
        fail_msg("skimmed '%.*s', parsed '%.*s', of '%.*s'", TEXT_ARG(message), TEXT_ARG(parsed),
                 TEXT_ARG(log));
    return true;
}

/* Any byte put in any place of a plain log, and the log cut off at any place. */
static void what_it_is_sure_of_a_parser_reads_the_same(void **state)
{
    static const char logs[][120] = {
        "{\"log\":\"one\",\"message\":\"GET / HTTP/1.1\",\"status\":200,\"ok\":true,\"took\":0.25}",
        "{ \"msg\" : \"a\", \"msg\":\"b\" , \"n\":-0.5,\"raw\":\"c\"}",
    };
    static const char bytes[] = "\"\\{}[],: \t09-.etx/\x01\x1F\x7F\x80\xC3\xFF"; /* and the NUL */
    const char *names[] = {"message"}, *paths[] = {"log"};
    const struct text_map none = {0}, own = {names, paths, 1};
    const struct text_map *const overrides[] = {&none, &own};
    AUTO(arena) arena = arena_new(4096);
    size_t sure = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(logs) * COUNT_OF(overrides); i++) {
        const char *log = logs[i / COUNT_OF(overrides)];
        size_t size = strlen(log);
        AUTO(json_fields) fields = json_fields_new(overrides[i % COUNT_OF(overrides)], NULL);

        for (size_t at = 0; at < size; at++) {
            for (size_t k = 0; k < sizeof(bytes); k++) {
                char changed[120];

                memcpy(changed, log, size);
                changed[at] = bytes[k];
                sure += agrees(fields, (struct text){changed, size}, arena);
            }
            sure += agrees(fields, (struct text){log, at}, arena);
            arena_reset(arena, 4096);
        }
        assert_true(agrees(fields, text_of(log), arena));
    }
    assert_in_range(sure, 1000, 10000);
}

UNIT_MAIN(cmocka_unit_test(skims_what_is_plain_and_says_where_it_is_unsure),
          cmocka_unit_test(what_it_is_sure_of_a_parser_reads_the_same))
