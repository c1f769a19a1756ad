/* bench_rules: what finding rules in logs costs, beside Hyperscan alone and PCRE2 one by one.
 *
 *   bench_rules [RUNS]
 *
 * The same texts for all: access-log lines of about 220 bytes, one in fifty an attack, from a
 * seeded generator. Processor time, median of RUNS (5) and how far the runs lie apart.
 */
#include <hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../unit/engine_reference.h"
#include "bench_logs.h"
#include "detector/engine.h"

enum { TEXTS = 20000, TEXTS_ONE_BY_ONE = 200, RUNS_MOST = 99 };

struct bench {
    struct ruleset *ruleset;
    struct engine *engine;
    struct engine_scratch *scratch;
    struct engine_reference *reference;
    hs_database_t *database;
    hs_scratch_t *hs;
    struct entry *entries;
    struct arena *arena;
    size_t found;
};

static struct entry *make_entries(struct arena *arena)
{
    struct entry *entries = arena_zero(arena, TEXTS * sizeof(*entries));
    uint64_t state = 20261124;
    size_t bytes = 0;

    for (size_t i = 0; i < TEXTS; i++) {
        AUTO_BUF line = {0};

        bench_access_log(&state, i % BENCH_ATTACK_EVERY == 0, &line);
        entries[i].fields[ENTRY_MESSAGE] = arena_copy(arena, buf_text(&line));
        bytes += line.size;
    }
    printf("%d lines of %zu bytes\n", TEXTS, bytes / TEXTS);
    return entries;
}

/* Patterns as rule writers write them: words, some white space, an alternative, a class. */
static void write_rules(size_t count, struct buf *json)
{
    uint64_t state = 42;

    buf_add_string(json, "{\"bench\": {");
    for (size_t i = 0; i < count; i++) {
        char words[4][12];

        for (size_t k = 0; k < 4; k++) {
            size_t size = 4 + bench_next(&state) % 6;

            for (size_t c = 0; c < size; c++)
                words[k][c] = (char)('a' + bench_next(&state) % 26);
            words[k][size] = '\0';
        }
        buf_addf(json, "%s\"r%zu\": {\"patterns\": [\"%s%s\\\\s+(%s|%s.*%s)[^a-z]\"]}",
                 i > 0 ? "," : "", i, bench_next(&state) % 2 ? "(?i)" : "", words[0], words[1],
                 words[2], words[3]);
    }
    buf_add_string(json, "}}");
}

static int count_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                       void *context)
{
    (void)id, (void)from, (void)to, (void)flags;
    ++*(size_t *)context;
    return 0;
}

static void compile_alone(struct bench *bench)
{
    const char **sources = mem_zero(RULE_MAX_PATTERNS * sizeof(char *));
    unsigned *flags = mem_zero(RULE_MAX_PATTERNS * sizeof(unsigned)), count = 0;
    hs_compile_error_t *error = NULL;

    for (size_t i = 0; i < ruleset_count(bench->ruleset); i++) {
        const struct rule *rule = ruleset_rule(bench->ruleset, i);

        for (size_t k = 0; k < rule->pattern_count; k++) {
            flags[count] = HS_FLAG_SINGLEMATCH;
            sources[count++] = rule->patterns[k].bytes; /* of a file: NUL-terminated */
        }
    }
    if (hs_compile_multi(sources, flags, NULL, count, HS_MODE_BLOCK, NULL, &bench->database,
                         &error) != HS_SUCCESS ||
        hs_alloc_scratch(bench->database, &bench->hs) != HS_SUCCESS)
        abort();
    printf("%u patterns\n", count);
    free(sources);
    free(flags);
}

static void run_engine(struct bench *bench)
{
    struct engine_hit *hits;

    for (size_t i = 0; i < TEXTS; i++) {
        bench->found += engine_match(bench->engine, bench->scratch, &bench->entries[i], NULL,
                                     bench->arena, &hits);
        if (i % 1000 == 0)
            arena_reset(bench->arena, 1 << 20);
    }
}

static void run_alone(struct bench *bench)
{
    for (size_t i = 0; i < TEXTS; i++) {
        struct text text = bench->entries[i].fields[ENTRY_MESSAGE];

        if (hs_scan(bench->database, text.bytes, (unsigned)text.size, 0, bench->hs, count_match,
                    &bench->found) != HS_SUCCESS)
            abort();
    }
}

static void run_one_by_one(struct bench *bench)
{
    struct engine_hit *hits;

    for (size_t i = 0; i < TEXTS_ONE_BY_ONE; i++) {
        bench->found +=
            engine_reference_match(bench->reference, &bench->entries[i], NULL, bench->arena, &hits);
        arena_reset(bench->arena, 1 << 20);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Prints and returns the median, in nanoseconds a log. */
static double measure(struct bench *bench, const char *name, void (*run)(struct bench *),
                      size_t texts, size_t runs)
{
    double each[RUNS_MOST];

    for (size_t i = 0; i < runs; i++) {
        double start = now();

        bench->found = 0;
        run(bench);
        each[i] = (now() - start) / (double)texts;
    }
    qsort(each, runs, sizeof(each[0]), compare);
    printf("  %-24s %10.0f ns/log  (%.0f to %.0f)  %8.3f M logs/s  %zu found\n", name,
           each[runs / 2], each[0], each[runs - 1], 1e3 / each[runs / 2], bench->found);
    return each[runs / 2];
}

static double run_set(struct ruleset *ruleset, struct entry *entries, size_t runs)
{
    struct bench bench = {.ruleset = ruleset, .entries = entries, .arena = arena_new(1 << 20)};
    struct error err = {0};
    double start = now();

    bench.engine = engine_new(ruleset, &err);
    if (!bench.engine) {
        fprintf(stderr, "bench_rules: %s\n", err.text);
        exit(1);
    }
    double compiled = now() - start;

    bench.scratch = engine_scratch_new(bench.engine);
    bench.reference = engine_reference_new(ruleset, &err);
    compile_alone(&bench);
    printf("  %-24s %10.0f ms\n", "compile", compiled / 1e6);
    double engine = measure(&bench, "engine", run_engine, TEXTS, runs);
    double alone = measure(&bench, "Hyperscan alone", run_alone, TEXTS, runs);
    double one_by_one =
        measure(&bench, "PCRE2 one by one", run_one_by_one, TEXTS_ONE_BY_ONE, runs < 3 ? runs : 3);

    printf("  engine / Hyperscan alone %.2f, PCRE2 one by one / engine %.0f\n", engine / alone,
           one_by_one / engine);
    engine_scratch_free(bench.scratch);
    engine_free(bench.engine);
    engine_reference_free(bench.reference);
    hs_free_scratch(bench.hs);
    hs_free_database(bench.database);
    arena_free(bench.arena);
    return engine;
}

static double run_synthetic(size_t count, struct entry *entries, size_t runs)
{
    AUTO(ruleset) ruleset = ruleset_new();
    AUTO_BUF json = {0};

    write_rules(count, &json);
    if (ruleset_add_bytes(ruleset, "bench.json", buf_text(&json), NULL) < 0)
        abort();
    return run_set(ruleset, entries, runs);
}

int main(int argc, char **argv)
{
    int64_t runs = 5;
    AUTO(arena) arena = arena_new(1 << 20);
    AUTO(ruleset) builtin = ruleset_new();
    struct error err = {0};

    if (argc > 2 || (argc == 2 &&
                     (!text_to_integer(text_of(argv[1]), &runs) || runs < 1 || runs > RUNS_MOST))) {
        fprintf(stderr, "usage: bench_rules [RUNS from 1 to %d]\n", RUNS_MOST);
        return 2;
    }
    if (ruleset_add(builtin, HAECHI_SOURCE "/deploy/rules/builtin.yaml", &err) < 0) {
        fprintf(stderr, "bench_rules: %s\n", err.text);
        return 1;
    }
    struct entry *entries = make_entries(arena);

    printf("built-in rules, with decoded forms: ");
    run_set(builtin, entries, (size_t)runs);
    printf("synthetic: ");
    double few = run_synthetic(22, entries, (size_t)runs);

    printf("synthetic: ");
    run_synthetic(500, entries, (size_t)runs);
    printf("synthetic: ");
    double many = run_synthetic(3000, entries, (size_t)runs);

    printf("3,000 patterns cost %.2f times what 22 do\n", many / few);
    return 0;
}
