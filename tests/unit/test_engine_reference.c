#include "unit.h"

#include "engine_random.h"

enum { RULESETS = 300, LOGS = 30 };

/* The engine's answer is the reference's, over random rules and logs. */
static void both_matchers_agree(void **state)
{
    struct choices choices = {.state = 20261124};
    AUTO(arena) arena = arena_new(65536);
    size_t hits = 0, compared = 0;

    (void)state;
    for (int i = 0; i < RULESETS; i++) {
        AUTO_BUF json = {0};
        struct error err = {0};
        AUTO(ruleset) ruleset = ruleset_new();

        random_rules(&choices, &json);
        if (ruleset_add_bytes(ruleset, "random.json", buf_text(&json), &err) < 0)
            fail_msg("%s\n%s", err.text, buf_string(&json));
        AUTO(engine) engine = engine_new(ruleset, &err);
        AUTO(engine_reference) reference = engine_reference_new(ruleset, &err);

        if (!engine || !reference)
            fail_msg("%s\n%s", err.text, buf_string(&json));
        AUTO(engine_scratch) scratch = engine_scratch_new(engine);

        for (int k = 0; k < LOGS; k++, compared++) {
            struct entry entry = random_entry(&choices, arena);
            int count = match_both(engine, scratch, reference, &entry, arena);

            if (count < 0)
                fail_msg("they differ on '%.*s' '%.*s' '%.*s' with %s",
                         TEXT_ARG(entry.fields[ENTRY_MESSAGE]), TEXT_ARG(entry.fields[ENTRY_URL]),
                         TEXT_ARG(entry.fields[ENTRY_USER]), buf_string(&json));
            hits += (size_t)count;
            arena_reset(arena, 1 << 20);
        }
    }
    /* The generator is worth something only while both outcomes are common. */
    assert_true(hits > compared / 10 && hits < compared * 3);
}

UNIT_MAIN(cmocka_unit_test(both_matchers_agree))
