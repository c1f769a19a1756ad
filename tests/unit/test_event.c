#include "unit.h"

#include "base/event.h"

static void an_id_is_that_of_the_coordinates_and_the_rule(void **state)
{
    const struct {
        const char *name;
        struct origin origin;
        int64_t kafka_ms;
        const char *rule_id, *want;
    } cases[] = {
        /* Python: hashlib.md5(b'c1\0raw\0' b'3\0' b'42\0' …).hexdigest() */
        {"as md5sum has it",
         {TEXT("c1"), TEXT("raw"), 3, 42, 0},
         1700000000000,
         "web_attacks.xss",
         "4336a829948a5963e59c350346b1d8ae"},
        {"another index",
         {TEXT("c1"), TEXT("raw"), 3, 42, 1},
         1700000000000,
         "web_attacks.xss",
         "5282f60318ba0bdd892990a4a2d71e7d"},
        {"no Kafka time",
         {TEXT("c1"), TEXT("raw"), 3, 42, 0},
         -1,
         "web_attacks.xss",
         "e1d4503eea939a79ee33f514adcc3676"},
        {"nothing runs into its neighbour",
         {TEXT("c1r"), TEXT("aw"), 3, 42, 0},
         1700000000000,
         "web_attacks.xss",
         "cbada54bfa99e6cb117932eb46c6a28b"},
    };

    (void)state;
    AUTO(arena) arena = arena_new(4096);

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        unit_text(
            cases[i].name,
            event_make_id(&cases[i].origin, cases[i].kafka_ms, text_of(cases[i].rule_id), arena),
            cases[i].want);
}

static void a_fingerprint_is_half_a_digest_of_the_content(void **state)
{
    (void)state;
    AUTO(arena) arena = arena_new(4096);

    unit_text("as md5sum has it",
              event_make_fingerprint(TEXT("2026-01-31T13:55:36Z"), TEXT("xss"),
                                     TEXT("GET /?q=<script>"), arena),
              "af6c2654fff53c2d");
}

static void levels_are_read_by_their_names(void **state)
{
    enum threat_level level = LEVEL_LOW;

    (void)state;
    assert_true(event_level_parse(TEXT("CRITICAL"), &level));
    assert_int_equal(level, LEVEL_CRITICAL);
    assert_false(event_level_parse(TEXT("critical"), &level));
    assert_false(event_level_parse(TEXT(""), &level));
    assert_int_equal(level, LEVEL_CRITICAL);
}

static void the_entity_is_the_first_that_is_there(void **state)
{
    const struct {
        const char *name;
        struct event event;
        const char *want;
    } cases[] = {
        {"address", {.source_ip = TEXT("a"), .host = TEXT("h"), .event_id = TEXT("e")}, "a"},
        {"host", {.host = TEXT("h"), .user = TEXT("u"), .event_id = TEXT("e")}, "h"},
        {"user", {.user = TEXT("u"), .event_id = TEXT("e")}, "u"},
        {"itself", {.event_id = TEXT("e")}, "e"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        unit_text(cases[i].name, event_entity(&cases[i].event), cases[i].want);
}

UNIT_MAIN(cmocka_unit_test(an_id_is_that_of_the_coordinates_and_the_rule),
          cmocka_unit_test(a_fingerprint_is_half_a_digest_of_the_content),
          cmocka_unit_test(levels_are_read_by_their_names),
          cmocka_unit_test(the_entity_is_the_first_that_is_there))
