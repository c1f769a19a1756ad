/* Rules carry logs that they must match, and must not: tried at every load, so that a wrong rule,
 * or a matcher that misses, is found before a log is. */
#include <errno.h>

#include "detector/engine_parts.h"
#include "detector/source.h"

enum { ARENA_BLOCK = 64 * 1024 };

struct run {
    const struct engine *engine;
    struct engine_scratch *scratch;
    struct engine_judge reference;
    struct source *json; /* how a log that starts with { is read */
    struct arena *arena;
};

static bool engine_finds(struct run *run, size_t rule, const struct entry *entry)
{
    const struct rule *wanted = run->engine->plan->rules[rule].rule;
    struct engine_hit *hits;
    size_t count =
        engine_match(run->engine, run->scratch, entry, &wanted->where_logsource, run->arena, &hits);

    for (size_t i = 0; i < count; i++) {
        if (hits[i].rule == wanted)
            return true;
    }
    return false;
}

static bool reference_finds(struct run *run, size_t rule, const struct entry *entry)
{
    const struct rule *wanted = run->engine->plan->rules[rule].rule;
    struct engine_hit hit;

    engine_judge_read(&run->reference, entry, run->arena);
    return engine_judge_fires(&run->reference, rule, &wanted->where_logsource, run->arena, &hit);
}

static int refuse(const struct rule *rule, const struct rule_test *test, struct error *err)
{
    return error_set(err, -EINVAL, "%s:%d: rule '%.*s': its test log '%.200s' %s", test->file,
                     test->line, TEXT_ARG(rule->rule_id), test->log.bytes,
                     test->match ? "should match, but does not" : "should not match, but does");
}

static int read_log(struct run *run, const struct rule *rule, const struct rule_test *test,
                    struct entry *entry, struct error *err)
{
    struct error reason = {0};

    if (!text_starts(test->log, TEXT("{"))) {
        entry->raw = entry->fields[ENTRY_MESSAGE] = test->log;
        return 0;
    }
    if (source_parse(run->json, test->log, -1, run->arena, entry, &reason) == 0)
        return 0;
    return error_set(err, -EINVAL, "%s:%d: rule '%.*s': its test log starts with {, but: %s",
                     test->file, test->line, TEXT_ARG(rule->rule_id), reason.text);
}

static int run_test(struct run *run, size_t number, const struct rule_test *test, size_t *faults,
                    struct error *err)
{
    struct engine_plan *plan = run->engine->plan;
    const struct engine_rule *rule = &plan->rules[number];
    struct entry entry = {0};

    if (read_log(run, rule->rule, test, &entry, err) < 0)
        return -EINVAL;
    if (engine_finds(run, number, &entry) == test->match)
        return 0;
    if (!test->match || !reference_finds(run, number, &entry))
        return refuse(rule->rule, test, err);
    for (size_t i = 0; i < rule->rule->pattern_count; i++)
        plan->patterns[rule->first_pattern + i].is_alone = true;
    ++*faults;
    return 0;
}

int engine_test_run(const struct engine *engine, size_t *faults, struct error *err)
{
    static const struct source_settings as_json = {.format = SOURCE_JSON};
    struct run run = {.engine = engine,
                      .scratch = engine_scratch_new(engine),
                      .json = source_new(&as_json, err),
                      .arena = arena_new(ARENA_BLOCK)};
    int status = run.json ? 0 : -EINVAL;

    *faults = 0;
    engine_judge_init(&run.reference, engine->plan);
    for (size_t i = 0; i < engine->plan->rule_count; i++) {
        const struct rule *rule = engine->plan->rules[i].rule;

        for (size_t k = 0; status == 0 && k < rule->test_count && rule->mode != RULE_OFF; k++)
            status = run_test(&run, i, &rule->tests[k], faults, err);
        arena_reset(run.arena, ARENA_BLOCK);
    }
    source_free(run.json);
    engine_judge_done(&run.reference);
    engine_scratch_free(run.scratch);
    arena_free(run.arena);
    return status;
}
