#include "detector/engine.h"

#include <errno.h>
#include <stdlib.h>

#include "detector/engine_database.h"
#include "detector/engine_parts.h"

struct engine_scratch {
    const struct engine *engine; /* borrowed */
    hs_scratch_t *hs;
    struct engine_judge judge;
    uint64_t *candidates; /* by pattern, as engine_judge has it */
    uint32_t *touched;    /* patterns that have candidates, so that only these are cleared */
    size_t touched_count;
    uint64_t *rules;              /* bit set: some pattern may make it fire */
    size_t first_word, last_word; /* of rules, around what is set */
    size_t rules_set;
    size_t text; /* being scanned */
};

/* Marks what each pattern is: for whom Hyperscan cannot work, who would slow the others. */
static void sort_patterns(struct engine_plan *plan)
{
    for (size_t i = 0; i < plan->pattern_count; i++) {
        struct engine_pattern *pattern = &plan->patterns[i];

        pattern->flags = engine_database_flags(pattern);
        pattern->is_alone = pattern->is_alone || pattern->flags == 0;
        pattern->is_slow = pattern->is_slow || pattern->is_alone;
    }
}

/* Compiles those of a field's patterns that are slow, or those that are not. */
static int compile_part(struct engine *engine, uint32_t field, bool is_slow, uint32_t *numbers,
                        hs_database_t **database, struct error *err)
{
    struct engine_plan *plan = engine->plan;
    size_t count = 0;

    for (uint32_t i = 0; i < plan->pattern_count; i++) {
        const struct engine_pattern *pattern = &plan->patterns[i];

        if (pattern->is_slow == is_slow && !pattern->is_alone &&
            engine_plan_looks_at(&plan->rules[pattern->rule], field))
            numbers[count++] = i;
    }
    return engine_database_compile(plan, numbers, count, database, err);
}

static void list_alone(struct engine *engine)
{
    engine->alone_count = 0;
    for (uint32_t i = 0; i < engine->plan->pattern_count; i++) {
        if (engine->plan->patterns[i].is_alone)
            engine->alone[engine->alone_count++] = i;
    }
}

static void list_slow(struct engine *engine)
{
    const struct rule *last = NULL;

    engine->slow_count = 0;
    for (size_t i = 0; i < engine->plan->pattern_count; i++) {
        const struct engine_pattern *pattern = &engine->plan->patterns[i];
        const struct rule *rule = engine->plan->rules[pattern->rule].rule;

        if ((pattern->is_slow || pattern->is_alone) && rule != last)
            engine->slow_rules[engine->slow_count++] = last = rule;
    }
}

static void free_scans(struct engine *engine)
{
    for (size_t i = 0; i < RULE_MAX_FIELDS; i++) {
        hs_free_database(engine->scans[i].quick);
        hs_free_database(engine->scans[i].slow);
        engine->scans[i] = (struct engine_scan){NULL, NULL};
    }
}

/* Which patterns Hyperscan sees whole, and as they are meant. */
static void note_exact(struct engine_plan *plan)
{
    for (size_t i = 0; i < plan->pattern_count; i++) {
        struct engine_pattern *pattern = &plan->patterns[i];

        pattern->is_exact = !pattern->is_alone && !(pattern->flags & HS_FLAG_PREFILTER) &&
                            text_is(pattern_source(pattern->pattern), pattern->front);
    }
}

static int compile(struct engine *engine, struct error *err)
{
    uint32_t *numbers = mem_zero((engine->plan->pattern_count + 1) * sizeof(*numbers));
    int status = 0;

    free_scans(engine);
    sort_patterns(engine->plan);
    for (uint32_t i = 0; i < engine->plan->field_count && status == 0; i++) {
        status = compile_part(engine, i, false, numbers, &engine->scans[i].quick, err);
        if (status == 0)
            status = compile_part(engine, i, true, numbers, &engine->scans[i].slow, err);
    }
    free(numbers);
    note_exact(engine->plan);
    list_alone(engine);
    list_slow(engine);
    return status;
}

struct engine *engine_new(const struct ruleset *ruleset, struct error *err)
{
    AUTO(engine) engine = mem_zero(sizeof(*engine));
    size_t faults = 0;

    if (hs_valid_platform() != HS_SUCCESS) {
        error_set(err, -ENOTSUP, "this processor lacks what Hyperscan needs (SSSE3)");
        return NULL;
    }
    engine->plan = engine_plan_new(ruleset, err);
    if (!engine->plan)
        return NULL;
    engine->alone = mem_zero((engine->plan->pattern_count + 1) * sizeof(*engine->alone));
    engine->slow_rules = mem_zero((engine->plan->rule_count + 1) * sizeof(const struct rule *));
    if (compile(engine, err) < 0 || engine_test_run(engine, &faults, err) < 0)
        return NULL;
    if (faults > 0 && (compile(engine, err) < 0 || engine_test_run(engine, &faults, err) < 0))
        return NULL;
    return TAKE(engine);
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    free_scans(engine);
    engine_plan_free(engine->plan);
    free(engine->alone);
    free(engine->slow_rules);
    free(engine);
}

static void grow_hs_scratch(hs_scratch_t **scratch, const hs_database_t *database)
{
    /* Memory is all that it can lack. */
    if (database && hs_alloc_scratch(database, scratch) != HS_SUCCESS)
        abort();
}

struct engine_scratch *engine_scratch_new(const struct engine *engine)
{
    struct engine_scratch *scratch = mem_zero(sizeof(*scratch));
    const struct engine_plan *plan = engine->plan;

    scratch->engine = engine;
    engine_judge_init(&scratch->judge, plan);
    for (size_t i = 0; i < plan->field_count; i++) {
        grow_hs_scratch(&scratch->hs, engine->scans[i].quick);
        grow_hs_scratch(&scratch->hs, engine->scans[i].slow);
    }
    scratch->candidates = mem_zero((plan->pattern_count + 1) * sizeof(*scratch->candidates));
    scratch->touched = mem_zero((plan->pattern_count + 1) * sizeof(*scratch->touched));
    scratch->rules = mem_zero((plan->rule_count / 64 + 1) * sizeof(*scratch->rules));
    scratch->judge.candidates = scratch->candidates;
    return scratch;
}

void engine_scratch_free(struct engine_scratch *scratch)
{
    if (!scratch)
        return;
    engine_judge_done(&scratch->judge);
    hs_free_scratch(scratch->hs);
    free(scratch->candidates);
    free(scratch->touched);
    free(scratch->rules);
    free(scratch);
}

static void touch_rule(struct engine_scratch *scratch, uint32_t rule)
{
    size_t word = rule / 64;
    uint64_t bit = UINT64_C(1) << rule % 64;

    if (scratch->rules[word] & bit)
        return;
    scratch->rules[word] |= bit;
    if (scratch->rules_set == 0 || word < scratch->first_word)
        scratch->first_word = word;
    if (scratch->rules_set == 0 || word > scratch->last_word)
        scratch->last_word = word;
    scratch->rules_set++;
}

static void touch(struct engine_scratch *scratch, uint32_t number, uint64_t texts)
{
    const struct engine_pattern *pattern = &scratch->engine->plan->patterns[number];

    if (scratch->candidates[number] == 0)
        scratch->touched[scratch->touched_count++] = number;
    scratch->candidates[number] |= texts;
    if (pattern->is_positive)
        touch_rule(scratch, pattern->rule);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context)
{
    struct engine_scratch *scratch = context;
    const struct engine_plan *plan = scratch->engine->plan;
    unsigned decode = scratch->judge.texts[scratch->text].decode;

    (void)from;
    (void)to;
    (void)flags;
    if (decode == 0 || decode == plan->rules[plan->patterns[id].rule].rule->decode)
        touch(scratch, id, UINT64_C(1) << scratch->text % 64);
    return 0;
}

static void scan(struct engine_scratch *scratch, const hs_database_t *database)
{
    struct text text = scratch->judge.texts[scratch->text].text;
    unsigned size = text.size > UINT32_MAX ? UINT32_MAX : (unsigned)text.size;

    /* It can fail only by our own mistakes: a scratch that is in use, or was not made for this. */
    if (database &&
        hs_scan(database, text.bytes, size, 0, scratch->hs, on_match, scratch) != HS_SUCCESS)
        abort();
}

static void find_candidates(struct engine_scratch *scratch)
{
    const struct engine *engine = scratch->engine;

    for (scratch->text = 0; scratch->text < scratch->judge.text_count; scratch->text++) {
        const struct engine_scan *databases =
            &engine->scans[scratch->judge.texts[scratch->text].field];

        scan(scratch, databases->quick);
        scan(scratch, databases->slow);
    }
    for (size_t i = 0; i < engine->alone_count && scratch->judge.text_count > 0; i++)
        touch(scratch, engine->alone[i], UINT64_MAX);
}

static void forget_candidates(struct engine_scratch *scratch)
{
    for (size_t i = 0; i < scratch->touched_count; i++)
        scratch->candidates[scratch->touched[i]] = 0;
    for (size_t i = scratch->first_word; scratch->rules_set > 0 && i <= scratch->last_word; i++)
        scratch->rules[i] = 0;
    scratch->touched_count = 0;
    scratch->rules_set = 0;
}

static size_t judge_rules(struct engine_scratch *scratch, const struct text_map *logsource,
                          struct arena *arena, struct engine_hit *hits)
{
    size_t count = 0;

    for (size_t word = scratch->first_word; word <= scratch->last_word; word++) {
        for (uint64_t left = scratch->rules[word]; left != 0; left &= left - 1) {
            size_t rule = word * 64 + (size_t)__builtin_ctzll(left);

            count += engine_judge_fires(&scratch->judge, rule, logsource, arena, &hits[count]);
        }
    }
    return count;
}

bool engine_reads_only_message(const struct engine *engine)
{
    const struct engine_plan *plan = engine->plan;

    for (size_t i = 0; i < plan->field_count; i++) {
        if (plan->fields[i].known != ENTRY_MESSAGE)
            return false;
    }
    return true;
}

size_t engine_match(const struct engine *engine, struct engine_scratch *scratch,
                    const struct entry *entry, const struct text_map *logsource,
                    struct arena *arena, struct engine_hit **hits)
{
    size_t count = 0;

    (void)engine; /* the scratch knows whose it is */
    *hits = NULL;
    engine_judge_read(&scratch->judge, entry, arena);
    find_candidates(scratch);
    if (scratch->rules_set > 0) {
        *hits = arena_take(arena, scratch->rules_set * sizeof(**hits));
        count = judge_rules(scratch, logsource, arena, *hits);
    }
    forget_candidates(scratch);
    return count;
}

uint64_t engine_limit_hits(const struct engine_scratch *scratch, size_t rule)
{
    return scratch->judge.limit_hits[rule];
}

size_t engine_slow_rules(const struct engine *engine, const struct rule ***rules)
{
    *rules = engine->slow_rules;
    return engine->slow_count;
}
