#include "unit.h"

#include "base/alert.h"

static void an_id_is_that_of_tenant_rule_group_and_slot(void **state)
{
    (void)state;
    AUTO(arena) arena = arena_new(4096);

    /* printf '7:default11:brute_force4:f00d13:1767225600000' | md5sum */
    unit_text("a slot's",
              alert_make_id(TEXT("default"), TEXT("brute_force"), TEXT("f00d"),
                            INT64_C(1767225600000), arena),
              "SEC-a1dfc1add22b58d3988a39582f223a5b");
    /* printf '7:default11:brute_force4:f00d4:cafe' | md5sum */
    unit_text("an event's",
              alert_make_event_id(TEXT("default"), TEXT("brute_force"), TEXT("f00d"), TEXT("cafe"),
                                  arena),
              "SEC-6c714fadcf4deb1626ca736d8b84d252");
    unit_text("a single event's", alert_make_single_id(TEXT("cafe"), arena), "SEC-cafe");
}

/* As Python's payload[:500] has it. */
static void a_payload_is_cut_by_characters_not_bytes(void **state)
{
    char korean[3 * 600], broken[600];

    (void)state;
    for (size_t i = 0; i < 600; i++)
        memcpy(korean + 3 * i, "\xED\x95\x9C", 3);
    memset(broken, '\xFF', sizeof(broken));
    const struct {
        const char *name;
        struct text payload;
        size_t want;
    } cases[] = {
        {"short", TEXT("GET /"), 5},
        {"none", {0}, 0},
        {"three bytes a character", {korean, sizeof(korean)}, 1500},
        {"no characters at all", {broken, sizeof(broken)}, 500},
        {"exactly the limit", {korean, 1500}, 1500},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t got = alert_cut_payload(cases[i].payload).size;

        if (got != cases[i].want)
            fail_msg("%s: got %zu bytes, want %zu", cases[i].name, got, cases[i].want);
    }
}

UNIT_MAIN(cmocka_unit_test(an_id_is_that_of_tenant_rule_group_and_slot),
          cmocka_unit_test(a_payload_is_cut_by_characters_not_bytes))
