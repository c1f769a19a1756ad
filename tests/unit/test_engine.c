#include "unit.h"

#include "detector/engine.h"

/* Rules from YAML, and an engine of them. */
struct fixture {
    struct ruleset *ruleset;
    struct engine *engine;
    struct engine_scratch *scratch;
    struct arena *arena;
};

static struct fixture fixture_of(const char *yaml)
{
    struct fixture fixture = {.ruleset = ruleset_new(), .arena = arena_new(65536)};
    struct error err = {0};

    if (ruleset_add_bytes(fixture.ruleset, "test.yaml", text_of(yaml), &err) < 0)
        fail_msg("%s", err.text);
    fixture.engine = engine_new(fixture.ruleset, &err);
    if (!fixture.engine)
        fail_msg("%s", err.text);
    fixture.scratch = engine_scratch_new(fixture.engine);
    return fixture;
}

static void fixture_done(struct fixture *fixture)
{
    engine_scratch_free(fixture->scratch);
    engine_free(fixture->engine);
    ruleset_free(fixture->ruleset);
    arena_free(fixture->arena);
}

static size_t match(struct fixture *fixture, const struct entry *entry, struct engine_hit **hits)
{
    return engine_match(fixture->engine, fixture->scratch, entry, NULL, fixture->arena, hits);
}

static struct entry message_of(const char *message)
{
    struct entry entry = {.raw = text_of(message)};

    entry.fields[ENTRY_MESSAGE] = text_of(message);
    return entry;
}

/* The ids of the rules that fire, each with a blank behind it. */
static const char *fired(struct fixture *fixture, const struct entry *entry, char *into,
                         size_t size)
{
    struct engine_hit *hits;
    size_t count = match(fixture, entry, &hits), used = 0;

    into[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used +=
            (size_t)snprintf(into + used, size - used, "%.*s ", TEXT_ARG(hits[i].rule->rule_id));
    return into;
}

static const char rules[] = "category: c\n"
                            "rules:\n"
                            "- id: first\n"
                            "  threat_level: HIGH\n"
                            "  patterns: ['(?i)one', 'two(?<user>\\w+)', 'three']\n"
                            "- id: second\n"
                            "  threat_level: LOW\n"
                            "  fields: [url, message]\n"
                            "  decode: [url]\n"
                            "  patterns: ['two', '<(?<source_ip>[0-9.]+)>(?<other>.)(?<user>x)?']\n"
                            "  unless: ['benign']\n"
                            "- id: web\n"
                            "  threat_level: LOW\n"
                            "  where: {logsource: {product: nginx, category: web}}\n"
                            "  patterns: ['only here']\n"
                            "- id: shadow\n"
                            "  threat_level: LOW\n"
                            "  mode: shadow\n"
                            "  patterns: ['shady']\n"
                            "- id: off\n"
                            "  threat_level: LOW\n"
                            "  mode: off\n"
                            "  patterns: ['shady']\n"
                            "- id: back\n"
                            "  threat_level: LOW\n"
                            "  patterns: ['(q+)-\\1!', '(?<!no )way']\n"
                            "- id: path\n"
                            "  threat_level: LOW\n"
                            "  fields: [program]\n"
                            "  patterns: ['^sshd$']\n"
                            "- id: behind\n"
                            "  threat_level: LOW\n"
                            "  prefix: '^\\s*(?:[a-z]+: )?'\n"
                            "  patterns: ['begin|start', '^whole$']\n"
                            "- id: lenient\n"
                            "  threat_level: LOW\n"
                            "  patterns: ['guess']\n"
                            "  unless_prefix: '^\\s*(?:[a-z]+: )?'\n"
                            "  unless: ['once|twice']\n"
                            "- id: unicode\n"
                            "  threat_level: LOW\n"
                            "  patterns: ['(*UCP)(?i)\\bÉTÉ\\b']\n";

static void rules_fire_where_their_patterns_stand(void **state)
{
    static const struct {
        const char *name;
        const char *message;
        const char *want;
    } cases[] = {
        {"nothing", "zero", ""},
        {"one rule", "ONE", "c.first "},
        {"each rule once, in the order of the file", "three two twob one", "c.first c.second "},
        {"unless", "two, but benign", ""},
        {"unless in a decoded form", "two, but ben%69gn", ""},
        {"a decoded form only where a rule asks for it", "tw%6Fb on%65", "c.second "},
        {"not from its log source", "only here", ""},
        {"shadow fires, off does not", "shady", "c.shadow "},
        {"unless behind its prefix", " app: once a guess", ""},
        {"unless elsewhere", "a guess, twice: once", "c.lenient "},
        {"a prefix that is not there", "  begin here", "c.behind "},
        {"a prefix that is there, before all of a pattern", "tag: start", "c.behind "},
        {"something else before a pattern with a prefix", "tag: x start", ""},
        {"no prefix before a pattern that begins with ^", "whole", "c.behind "},
        {"nor any other", "tag: whole", ""},
        {"a back-reference", "qq-qq!", "c.back "},
        {"a back-reference that is another", "qq-x!", ""},
        {"look-behind", "some way", "c.back "},
        {"look-behind that must not be", "no way", ""},
        {"Unicode where a pattern asks", "en \xC3\xA9t\xC3\xA9 !", "c.unicode "},
        {"Unicode in a text that is none", "\xFF \xC3\x89T\xC3\xA9 \xFF", "c.unicode "},
    };
    struct fixture fixture = fixture_of(rules);
    char got[256];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct entry entry = message_of(cases[i].message);

        fired(&fixture, &entry, got, sizeof(got));
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: got '%s', want '%s'", cases[i].name, got, cases[i].want);
    }
    fixture_done(&fixture);
}

static void a_hit_says_what_matched_where(void **state)
{
    struct fixture fixture = fixture_of(rules);
    struct entry entry = message_of("three two twobob");
    struct engine_hit *hits;

    (void)state;
    entry.fields[ENTRY_URL] = TEXT("%3C10.0.0.1%3E!");
    assert_int_equal(match(&fixture, &entry, &hits), 2);
    unit_text("the first pattern in the rule's order", hits[0].pattern, "two(?<user>\\w+)");
    unit_text("its field", hits[0].field, "message");
    assert_int_equal(hits[0].capture_count, 1);
    unit_text("a named group", hits[0].captures[0].value, "bob");
    unit_text("the first pattern comes before the first field", hits[1].pattern, "two");
    unit_text("so this is from the second field", hits[1].field, "message");

    entry.fields[ENTRY_MESSAGE] = TEXT("zero");
    assert_int_equal(match(&fixture, &entry, &hits), 1);
    unit_text("the payload is as it came", hits[0].payload, "%3C10.0.0.1%3E!");
    assert_int_equal(hits[0].capture_count, 1);
    unit_text("only an event's fields are taken", hits[0].captures[0].name, "source_ip");
    unit_text("from the decoded form", hits[0].captures[0].value, "10.0.0.1");
    fixture_done(&fixture);
}

static void where_asks_for_all_of_the_log_source(void **state)
{
    static const char *const names[] = {"product", "service", "category"};
    static const char *const values[] = {"nginx", "any", "web"};
    const char **all_names = (const char **)(uintptr_t)names;
    const char **all_values = (const char **)(uintptr_t)values;
    struct text_map full = {all_names, all_values, 3}, part = {all_names, all_values, 2};
    struct fixture fixture = fixture_of(rules);
    struct entry entry = message_of("only here");
    struct engine_hit *hits;

    (void)state;
    assert_int_equal(
        engine_match(fixture.engine, fixture.scratch, &entry, &full, fixture.arena, &hits), 1);
    assert_int_equal(
        engine_match(fixture.engine, fixture.scratch, &entry, &part, fixture.arena, &hits), 0);
    fixture_done(&fixture);
}

static void fields_may_be_paths(void **state)
{
    struct entry_extra extra = {TEXT("program"), TEXT("sshd")};
    struct entry entry = message_of("x");
    struct fixture fixture = fixture_of(rules);
    struct engine_hit *hits;

    (void)state;
    entry.extras = &extra;
    entry.extra_count = 1;
    assert_int_equal(match(&fixture, &entry, &hits), 1);
    unit_text("field", hits[0].field, "program");
    unit_text("payload", hits[0].payload, "sshd");
    fixture_done(&fixture);
}

static void a_pattern_that_runs_away_is_no_match_and_is_counted(void **state)
{
    struct fixture fixture = fixture_of("category: c\nrules:\n- id: bad\n  threat_level: LOW\n"
                                        "  patterns: ['(a+)+(?=b|!!)']\n");
    char message[400];
    struct engine_hit *hits;

    (void)state;
    memset(message, 'a', sizeof(message));
    message[sizeof(message) - 3] = '!';
    message[sizeof(message) - 2] = 'c';
    message[sizeof(message) - 1] = '\0';
    struct entry entry = message_of(message);

    assert_int_equal(match(&fixture, &entry, &hits), 0);
    assert_int_equal(engine_limit_hits(fixture.scratch, 0), 1);
    fixture_done(&fixture);
}

/* Padding that makes PCRE2 give up hides nothing that Hyperscan finds by itself. */
static void what_hyperscan_finds_alone_counts_where_pcre2_gives_up(void **state)
{
    static const struct {
        const char *rule;
        size_t count;
    } cases[] = {
        {"patterns: ['(select\\s+.*\\s+from|drop\\s+table)']", 1},
        {"patterns: ['(select\\s+.*\\s+from|drop\\s+table)(?<user>)']", 1},
        {"patterns: ['(select\\s+.*\\s+from|drop\\s+table)(?!x)']", 0},
        {"prefix: '^\\w+ .*?'\n  patterns: ['(select\\s+.*\\s+from|drop\\s+table)']", 0},
        {"patterns: ['users']\n  unless: ['(select\\s+.*\\s+from|drop\\s+table)']", 1},
    };
    AUTO_BUF message = {0};

    (void)state;
    buf_add_string(&message, "GET /?q=");
    for (int i = 0; i < 9090; i++)
        buf_add_string(&message, "select a ");
    buf_add_string(&message, "; drop table users");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF rule = {0};

        buf_addf(&rule, "category: c\nrules:\n- id: r\n  threat_level: LOW\n  %s\n", cases[i].rule);
        struct fixture fixture = fixture_of(buf_string(&rule));
        struct entry entry = message_of(buf_string(&message));
        struct engine_hit *hits;

        if (match(&fixture, &entry, &hits) != cases[i].count)
            fail_msg("%s", cases[i].rule);
        if (engine_limit_hits(fixture.scratch, 0) != 1)
            fail_msg("%s: no limit was reached", cases[i].rule);
        if (cases[i].count > 0 && i < 2) {
            assert_true(hits[0].is_unconfirmed);
            assert_int_equal(hits[0].capture_count, 0);
        }
        fixture_done(&fixture);
    }
}

static void patterns_without_fixed_text_are_set_apart(void **state)
{
    static const struct {
        const char *pattern;
        bool slow;
    } cases[] = {
        {"\\d{1,3}(\\.\\d{1,3}){3}:\\d+", true},
        {"[A-Za-z0-9+/]{40,}", true},
        {"\\b\\w{20,}\\b", true},
        {".a.", true},
        {"select|.+", true},
        {"(?:x|yy)z?\\d", true},
        {"a?b*c\\d", true},
        {"(?=select)[a-z]+", true},
        {"(*UCP)caf\\w", true},
        {"select", false},
        {"`.*`", false},
        {"at\\s+\\d+:", false},
        {"(\\.\\.[\\\\/]){2,}", false},
        {"x{2}", false},
        {"(a|b)c[d]e\\d", false},
        {"(?<user>\\w+) failed", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(ruleset) ruleset = ruleset_new();
        AUTO_BUF json = {0};
        struct error err = {0};
        const struct rule **slow;

        buf_add_string(&json, "{\"c\": {\"a\": {\"patterns\": [");
        buf_add_json(&json, text_of(cases[i].pattern));
        buf_add_string(&json, "]}}}");
        if (ruleset_add_bytes(ruleset, "x.json", buf_text(&json), &err) < 0)
            fail_msg("%s", err.text);
        AUTO(engine) engine = engine_new(ruleset, &err);

        if (!engine)
            fail_msg("%s", err.text);
        if (engine_slow_rules(engine, &slow) != cases[i].slow)
            fail_msg("%s: want %s", cases[i].pattern, cases[i].slow ? "slow" : "not slow");
    }
}

static void the_builtin_rules_pass_their_tests_and_are_quick(void **state)
{
    AUTO(ruleset) ruleset = ruleset_new();
    struct error err = {0};
    const struct rule **slow;
    size_t patterns = 0;

    (void)state;
    if (ruleset_add(ruleset, HAECHI_SOURCE "/deploy/rules/builtin.yaml", &err) < 0)
        fail_msg("%s", err.text);
    AUTO(engine) engine = engine_new(ruleset, &err);

    if (!engine)
        fail_msg("%s", err.text);
    assert_int_equal(engine_slow_rules(engine, &slow), 0);
    assert_int_equal(ruleset_count(ruleset), 8);
    for (size_t i = 0; i < 8; i++) {
        const struct rule *rule = ruleset_rule(ruleset, i);

        patterns += rule->pattern_count;
        assert_true(rule->test_count >= 4);
        assert_int_equal(rule->field_count, 1);
        unit_text("the field of a built-in rule", rule->fields[0], "message");
    }
    assert_int_equal(patterns, 22);
}

static void a_rule_that_fails_its_own_test_stops_the_load(void **state)
{
    static const struct {
        const char *name;
        const char *test;
        const char *want;
    } cases[] = {
        {"missed", "{log: b, match: true}",
         "t.yaml:6: rule 'c.r': its test log 'b' should match, but does not"},
        {"no JSON", "{log: '{\"message\": a', match: true}", NULL},
        {"JSON", "{log: '{\"message\": \"b\", \"url\": \"a\"}', match: true}",
         "t.yaml:6: rule 'c.r': its test log '{\"message\": \"b\", \"url\": \"a\"}' should match, "
         "but "
         "does not"},
        {"found", "{log: xax, match: false}",
         "t.yaml:6: rule 'c.r': its test log 'xax' should not match, but does"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(ruleset) ruleset = ruleset_new();
        AUTO_BUF yaml = {0};
        struct error err = {0};

        buf_addf(
            &yaml,
            "category: c\nrules:\n- {id: r, threat_level: LOW, patterns: [a], tests: [\n"
            "  {log: a, match: true}, {log: '{\"message\": \"xa\"}', match: true},\n\n  %s]}\n",
            cases[i].test);
        assert_int_equal(ruleset_add_bytes(ruleset, "t.yaml", buf_text(&yaml), &err), 0);
        AUTO(engine) engine = engine_new(ruleset, &err);

        assert_null(engine);
        if (cases[i].want)
            unit_text(cases[i].name, text_of(err.text), cases[i].want);
        else
            assert_non_null(strstr(err.text, "its test log starts with {, but: "));
    }
}

UNIT_MAIN(cmocka_unit_test(rules_fire_where_their_patterns_stand),
          cmocka_unit_test(a_hit_says_what_matched_where),
          cmocka_unit_test(where_asks_for_all_of_the_log_source),
          cmocka_unit_test(fields_may_be_paths),
          cmocka_unit_test(a_pattern_that_runs_away_is_no_match_and_is_counted),
          cmocka_unit_test(what_hyperscan_finds_alone_counts_where_pcre2_gives_up),
          cmocka_unit_test(patterns_without_fixed_text_are_set_apart),
          cmocka_unit_test(the_builtin_rules_pass_their_tests_and_are_quick),
          cmocka_unit_test(a_rule_that_fails_its_own_test_stops_the_load))
