#include "unit.h"

#include "forwarder/redact.h"
#include "hostile_alert.h"

#define KEY                                                            \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

static struct redact *make(const char *drop, const char *mask, const char *pseudonymise)
{
    const struct redact_settings settings = {.drop = {&drop, drop ? 1 : 0},
                                             .mask = {&mask, mask ? 1 : 0},
                                             .pseudonymise = {&pseudonymise, pseudonymise ? 1 : 0},
                                             .key = KEY};
    struct redact *redact = redact_new(&settings, NULL);

    assert_non_null(redact);
    return redact;
}

static void each_action_does_its_own(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    AUTO(redact) redact = make("source_ip", "user", "host");
    struct alert alert = {.source_ip = TEXT("203.0.113.7"),
                          .user = TEXT("root"),
                          .host = TEXT("web-1"),
                          .target_ip = TEXT("10.0.0.1"),
                          .group_key = TEXT("f00d")};

    (void)state;
    redact_apply(redact, &alert, arena);
    unit_text("dropped", alert.source_ip, "");
    unit_text("masked", alert.user, "***");
    assert_true(text_starts(alert.host, TEXT("hp1_")));
    unit_text("not named", alert.target_ip, "10.0.0.1");
    unit_text("a hash of what is hidden", alert.group_key, "");
}

/* Or else it would be sent as it was read. */
static void json_stands_for_no_alert_of_which_something_is_hidden(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    AUTO(redact) hiding = make(NULL, "user", NULL);
    AUTO(redact) keeping = make(NULL, NULL, NULL);
    struct alert alert = {.user = TEXT("root"), .json = TEXT("{\"user\":\"root\"}")};

    (void)state;
    redact_apply(keeping, &alert, arena);
    unit_text("kept", alert.json, "{\"user\":\"root\"}");
    redact_apply(hiding, &alert, arena);
    unit_text("hidden", alert.json, "");
}

static void what_is_hidden_stands_nowhere_else(void **state)
{
    static const struct {
        const char *name, *before, *after;
    } cases[] = {
        {"at the start", "10.0.0.1 tried", "*** tried"},
        {"twice", "from 10.0.0.1 to 10.0.0.1", "from *** to ***"},
        {"alone", "10.0.0.1", "***"},
        {"a longer address", "10.0.0.12 and 110.0.0.1", "10.0.0.12 and 110.0.0.1"},
        {"within marks", "low_reputation_ip:10.0.0.1", "low_reputation_ip:***"},
        {"not there", "nothing", "nothing"},
    };
    AUTO(redact) redact = make("source_ip", NULL, NULL);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        struct text name = TEXT("source_ip"), value = TEXT("10.0.0.1");
        struct text item = text_of(cases[i].before);
        struct alert alert = {.source_ip = value,
                              .title = item,
                              .indicators = {&item, 1},
                              .group = {&name, &value, 1}};

        redact_apply(redact, &alert, arena);
        unit_text(cases[i].name, alert.title, cases[i].after);
        unit_text(cases[i].name, alert.indicators.items[0], cases[i].after);
        unit_text(cases[i].name, alert.group.values[0], "***");
    }
}

static void the_same_value_has_the_same_pseudonym_everywhere(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    AUTO(redact) redact = make(NULL, NULL, "user");
    struct alert first = {.user = TEXT("root"), .title = TEXT("root logged in")};
    struct alert second = {.user = TEXT("root")};

    (void)state;
    redact_apply(redact, &first, arena);
    redact_apply(redact, &second, arena);
    assert_true(text_equal(first.user, second.user));
    assert_true(text_starts(first.title, first.user));
}

static void what_makes_no_sense_is_refused(void **state)
{
    const char *user = "user", *rule = "rule_id";
    const struct {
        const char *name;
        struct redact_settings settings;
        const char *says;
    } cases[] = {
        {"no such field", {.drop = {&rule, 1}, .key = NULL}, "'rule_id' is not a field"},
        {"two ways at once", {.drop = {&user, 1}, .mask = {&user, 1}}, "user is named twice"},
        {"no key", {.pseudonymise = {&user, 1}}, "needs redact.key"},
        {"a bad key", {.pseudonymise = {&user, 1}, .key = "secret"}, "128 hex digits"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};

        assert_true(redact_check(&cases[i].settings, &err) < 0);
        if (!strstr(err.text, cases[i].says) || strstr(err.text, "secret"))
            fail_msg("%s: got '%s'", cases[i].name, err.text);
    }
}

static void any_alert_keeps_its_identity(void **state)
{
    AUTO(redact) redact = make("group", "title", "indicators");
    unsigned random = 7;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        AUTO(arena) arena = arena_new(4096);
        char bytes[400];

        for (size_t i = 0; i < sizeof(bytes); i++) {
            random = random * 1103515245 + 12345;
            bytes[i] = (char)(random >> 16) % 32;
        }
        const struct alert before = hostile_alert((struct text){bytes, sizeof(bytes)}, arena);
        struct alert after = before;

        redact_apply(redact, &after, arena);
        assert_true(text_equal(before.alert_id, after.alert_id));
        assert_int_equal(before.revision, after.revision);
        assert_int_equal(0, after.group.count);
    }
}

UNIT_MAIN(cmocka_unit_test(each_action_does_its_own),
          cmocka_unit_test(json_stands_for_no_alert_of_which_something_is_hidden),
          cmocka_unit_test(what_is_hidden_stands_nowhere_else),
          cmocka_unit_test(the_same_value_has_the_same_pseudonym_everywhere),
          cmocka_unit_test(what_makes_no_sense_is_refused),
          cmocka_unit_test(any_alert_keeps_its_identity))
