/* bench_detect: what the detector does with a log, without Kafka and Redis: parsed, matched against
 * the rules that are shipped, and of those that match the event weighed and written as JSON.
 *
 *     bench_detect [RUNS [LOGS]]
 *
 * Processor time a log, median of RUNS and how far the runs lie apart: of parsing alone, with
 * matching, and of the whole; with one log in fifty an attack, and with none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/record_json.h"
#include "bench_logs.h"
#include "detector/detect.h"
#include "detector/detector_settings.h"

enum { BATCH = 1000, KEPT = 16 << 20, MAX_RUNS = 99 };

enum stage { PARSE, MATCH, WHOLE, STAGES };

struct bench {
    struct settings *settings;
    struct detector_settings detector;
    struct source_settings source_settings;
    struct source *source;
    struct detect *detect;
    struct ruleset *ruleset;
    struct engine *engine;
    struct engine_scratch *scratch;
    struct arena *arena; /* of a batch */
    struct buf value;
    struct text *logs;
    size_t count, events;
};

typedef void writer(uint64_t *state, bool is_attack, struct buf *out);

static void die(const struct error *err)
{
    fprintf(stderr, "bench_detect: %s\n", err->text);
    exit(1);
}

static void open_bench(struct bench *bench)
{
    const struct settings_section section = {"detector", detector_settings_rows, &bench->detector};
    struct error err = {0};

    bench->settings = settings_load(NULL, &section, 1, NULL, &err);
    bench->ruleset = ruleset_new();
    if (!bench->settings || ruleset_add(bench->ruleset, HAECHI_SOURCE "/deploy/rules", &err) < 0)
        die(&err);
    bench->detect = detect_new(&bench->detector.detect, &err);
    bench->source = source_new(&bench->source_settings, &err);
    bench->engine = engine_new(bench->ruleset, &err);
    if (!bench->detect || !bench->source || !bench->engine)
        die(&err);
    bench->scratch = engine_scratch_new(bench->engine);
    bench->arena = arena_new(1 << 20);
}

static void close_bench(struct bench *bench)
{
    arena_free(bench->arena);
    engine_scratch_free(bench->scratch);
    engine_free(bench->engine);
    source_free(bench->source);
    detect_free(bench->detect);
    ruleset_free(bench->ruleset);
    settings_free(bench->settings);
    buf_done(&bench->value);
}

static void make_logs(struct bench *bench, writer *write, bool has_attacks, struct arena *arena)
{
    uint64_t state = 20261124;

    bench->logs = arena_take(arena, bench->count * sizeof(*bench->logs));
    for (size_t i = 0; i < bench->count; i++) {
        AUTO_BUF log = {0};

        write(&state, has_attacks && i % BENCH_ATTACK_EVERY == 0, &log);
        bench->logs[i] = arena_copy(arena, buf_text(&log));
    }
}

static void finish(struct bench *bench, struct detection *detections, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        detect_finish(bench->detect, NULL, &detections[i].event, bench->arena);
        buf_reset(&bench->value);
        record_json_write(&event_type, &detections[i].event, &bench->value);
    }
    bench->events += count;
}

/* As the detector's examine() does. */
static void examine(struct bench *bench, size_t i, enum stage last)
{
    struct arena_mark mark = arena_mark(bench->arena);
    const struct detect_origin origin = {.cluster = TEXT("MkU3OEVBNTcwNTJENDM2Qg"),
                                         .topic = TEXT("nginx-access"),
                                         .partition = 3,
                                         .offset = (int64_t)i,
                                         .kafka_ms = 1791600000000,
                                         .now_ms = 1791600000000};
    struct detection *detections = NULL;
    struct entry entry;
    struct error err;
    size_t found = 0;

    if (source_parse_message(bench->source, bench->logs[i], origin.kafka_ms, bench->arena, &entry,
                             &err) < 0)
        die(&err);
    if (last >= MATCH)
        found = detect_match(bench->detect, bench->engine, bench->scratch, bench->source, &entry,
                             &origin, bench->arena, &detections);
    if (found == 0)
        arena_rewind(bench->arena, mark);
    else if (last >= WHOLE)
        finish(bench, detections, found);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Nanoseconds a log. */
static double run(struct bench *bench, enum stage last)
{
    double start = seconds();

    bench->events = 0;
    for (size_t i = 0; i < bench->count; i++) {
        if (i % BATCH == 0)
            arena_reset(bench->arena, KEPT);
        examine(bench, i, last);
    }
    return (seconds() - start) * 1e9 / (double)bench->count;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(struct bench *bench, const char *name, writer *write, bool has_attacks,
                    size_t runs)
{
    AUTO(arena) arena = arena_new(1 << 20);
    double each[STAGES][MAX_RUNS];
    size_t bytes = 0;

    make_logs(bench, write, has_attacks, arena);
    for (size_t i = 0; i < bench->count; i++)
        bytes += bench->logs[i].size;
    for (size_t i = 0; i < runs; i++) {
        for (int stage = 0; stage < STAGES; stage++)
            each[stage][i] = run(bench, (enum stage)stage);
    }
    for (int stage = 0; stage < STAGES; stage++)
        qsort(each[stage], runs, sizeof(each[0][0]), ascending);
    double parse = each[PARSE][runs / 2], match = each[MATCH][runs / 2];
    double whole = each[WHOLE][runs / 2];

    printf("%-20s %5zu %7zu %7.0f %7.0f %7.0f %6.0f..%-6.0f %8.2f\n", name, bytes / bench->count,
           bench->events, parse, match, whole, each[WHOLE][0], each[WHOLE][runs - 1], 1e3 / whole);
}

/* From 1 to @most. */
static size_t number(const char *text, size_t fallback, size_t most)
{
    int64_t value;

    if (!text || !text_to_integer(text_of(text), &value) || value < 1)
        return fallback;
    return (size_t)value < most ? (size_t)value : most;
}

int main(int argc, char **argv)
{
    size_t runs = number(argc > 1 ? argv[1] : NULL, 7, MAX_RUNS);
    struct bench bench = {.count = number(argc > 2 ? argv[2] : NULL, 50000, 10000000)};

    open_bench(&bench);
    printf("%zu rules, %zu runs of %zu logs each\n\n", ruleset_count(bench.ruleset), runs,
           bench.count);
    printf("%-20s %5s %7s %7s %7s %7s %14s %8s\n", "ns a log", "bytes", "events", "parse", "+match",
           "whole", "spread", "M logs/s");
    measure(&bench, "access log", bench_access_log, true, runs);
    measure(&bench, "access log, benign", bench_access_log, false, runs);
    measure(&bench, "json", bench_json_log, true, runs);
    measure(&bench, "json, benign", bench_json_log, false, runs);
    close_bench(&bench);
    return 0;
}
