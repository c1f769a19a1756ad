#include "cli/commands/rules.h"
#include "cli/commands/rules_options.h"
#include "cli/printable.h"
#include "detector/engine.h"

/* One file on top of the others, compiled and tested as the detector would. */
static bool check_file(const struct arguments *arguments, const char *file, struct buf *out)
{
    const struct rules_options *options = arguments->config;
    struct error err = {0};
    AUTO_BUF mistakes = {0};
    AUTO(ruleset) ruleset = rule_files_load(&options->rules, &err);

    if (!ruleset) {
        terminal_complain(arguments, &err);
        return false;
    }
    if (ruleset_add_all(ruleset, file, &mistakes) < 0) {
        terminal_complain_of_all(arguments, buf_text(&mistakes));
        return false;
    }
    AUTO(engine) engine = engine_new(ruleset, &err);

    if (!engine) {
        terminal_complain(arguments, &err);
        return false;
    }
    printable_add(out, text_of(file), SIZE_MAX);
    buf_addf(out, ": good; %zu rules are in force with it\n", ruleset_count(ruleset));
    return true;
}

int rules_check(const struct arguments *arguments)
{
    AUTO_BUF out = {0};
    bool is_good = true;

    for (size_t i = 0; i < arguments->count; i++)
        is_good = check_file(arguments, arguments->operands[i], &out) && is_good;
    return terminal_print(arguments, buf_text(&out)) && is_good ? 0 : 1;
}

static void complain_of(const struct arguments *arguments, const struct rule *rule,
                        const char *problem, size_t *found)
{
    struct error err;

    error_set(&err, -1, "%s:%d: rule '%.*s': %s", rule->file, rule->line, TEXT_ARG(rule->rule_id),
              problem);
    terminal_complain(arguments, &err);
    ++*found;
}

static void lint_tests(const struct arguments *arguments, const struct rule *rule, size_t *found)
{
    bool has[2] = {false, false};

    for (size_t i = 0; i < rule->test_count; i++)
        has[rule->tests[i].match] = true;
    if (!has[true])
        complain_of(arguments, rule, "no test shows a log that it matches", found);
    else if (!has[false])
        complain_of(arguments, rule, "no test shows a similar log that it leaves alone", found);
}

int rules_lint(const struct arguments *arguments)
{
    const struct rules_options *options = arguments->config;
    const struct rule **slow = NULL;
    struct error err = {0};
    size_t found = 0;
    AUTO_BUF out = {0};
    AUTO(ruleset) ruleset = rule_files_load(&options->rules, &err);

    if (!ruleset)
        return terminal_complain(arguments, &err);
    AUTO(engine) engine = engine_new(ruleset, &err);

    if (!engine)
        return terminal_complain(arguments, &err);
    size_t count = engine_slow_rules(engine, &slow);

    for (size_t i = 0; i < count; i++)
        complain_of(
            arguments, slow[i],
            "a pattern has no literal text of 3 bytes or more that every match must hold: it "
            "is looked for apart, and slows every log",
            &found);
    for (size_t i = 0; i < ruleset_count(ruleset); i++)
        lint_tests(arguments, ruleset_rule(ruleset, i), &found);
    buf_addf(&out, "%zu rules, %zu remarks\n", ruleset_count(ruleset), found);
    return terminal_print(arguments, buf_text(&out)) && found == 0 ? 0 : 1;
}
