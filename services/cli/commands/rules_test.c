#include <errno.h>

#include "cli/commands/rules.h"
#include "cli/commands/rules_options.h"
#include "cli/commands/trial_status.h"
#include "detector/engine_judge.h"
#include "detector/source.h"

struct trial {
    const struct arguments *arguments;
    struct engine_judge judge;
    struct source *json; /* how a log that starts with { is read, as at a load */
    struct arena *arena;
    size_t passed, failed;
};

static bool is_asked_for(const struct arguments *arguments, const char *file)
{
    for (size_t i = 0; i < arguments->count; i++) {
        if (text_starts(text_of(file), text_of(arguments->operands[i])))
            return true;
    }
    return arguments->count == 0;
}

static int read_log(struct trial *trial, const struct rule_test *test, struct entry *entry,
                    struct error *err)
{
    *entry = (struct entry){0};
    if (text_starts(test->log, TEXT("{")))
        return source_parse(trial->json, test->log, -1, trial->arena, entry, err);
    entry->raw = entry->fields[ENTRY_MESSAGE] = test->log;
    return 0;
}

static void run_test(struct trial *trial, size_t number, const struct rule *rule,
                     const struct rule_test *test)
{
    struct error err = {0};
    struct engine_hit hit;
    struct entry entry;

    arena_reset(trial->arena, 65536);
    if (read_log(trial, test, &entry, &err) < 0) {
        error_prefix(&err, "%s:%d: rule '%.*s'", test->file, test->line, TEXT_ARG(rule->rule_id));
    } else {
        engine_judge_read(&trial->judge, &entry, trial->arena);
        if (engine_judge_fires(&trial->judge, number, &rule->where_logsource, trial->arena, &hit) ==
            test->match) {
            trial->passed++;
            return;
        }
        error_set(&err, -EINVAL, "%s:%d: rule '%.*s': '%.*s' %s", test->file, test->line,
                  TEXT_ARG(rule->rule_id), TEXT_ARG(text_cut(test->log, 200)),
                  test->match ? "should match, but does not" : "should not match, but does");
    }
    terminal_complain(trial->arguments, &err);
    trial->failed++;
}

static void run_tests(struct trial *trial, const struct engine_plan *plan)
{
    for (size_t i = 0; i < plan->rule_count; i++) {
        const struct rule *rule = plan->rules[i].rule;

        for (size_t k = 0; k < rule->test_count && rule->mode != RULE_OFF; k++) {
            if (is_asked_for(trial->arguments, rule->tests[k].file))
                run_test(trial, i, rule, &rule->tests[k]);
        }
    }
}

int rules_test(const struct arguments *arguments)
{
    const struct rules_options *options = arguments->config;
    const struct source_settings json = {.format = SOURCE_JSON};
    struct trial trial = {.arguments = arguments};
    struct error err = {0};
    AUTO_BUF out = {0};
    AUTO(ruleset) ruleset = rule_files_load(&options->rules, &err);

    for (size_t i = 0; ruleset && i < arguments->count; i++) {
        if (ruleset_add(ruleset, arguments->operands[i], &err) < 0)
            return terminal_complain(arguments, &err);
    }
    AUTO(engine_plan) plan = ruleset ? engine_plan_new(ruleset, &err) : NULL;
    AUTO(source) source = plan ? source_new(&json, &err) : NULL;
    AUTO(arena) arena = arena_new(65536);

    if (!source)
        return terminal_complain(arguments, &err);
    trial.json = source;
    trial.arena = arena;
    engine_judge_init(&trial.judge, plan);
    run_tests(&trial, plan);
    engine_judge_done(&trial.judge);
    buf_addf(&out, "%zu tests passed, %zu failed\n", trial.passed, trial.failed);
    return trial_status(arguments, buf_text(&out), trial.passed, trial.failed);
}
