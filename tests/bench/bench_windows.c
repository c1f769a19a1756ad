/* bench_windows: what the correlator's windows in memory do with an event.
 *
 *     bench_windows [RUNS [EVENTS [NAME]]]
 *
 * Processor time an event, the median of RUNS and how far they lie apart: for rules alone, and for
 * all that are shipped; NAME is a part of their names. "flood" is one group at the edge of its
 * limit, 10,000 events in the window; "values" the same with as many distinct values; "zipf" 10,000
 * sources of which few are busy. In order, and out of order by up to a minute.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "correlator/windows.h"

enum { MAX_RUNS = 99, BATCH = 1000, SOURCES = 10000, USERS = 10000 };
#define START INT64_C(1767225600000)

struct workload {
    const char *name;
    const char *rules; /* NULL: those that are shipped */
    int64_t spacing_ms;
    int64_t disorder_ms;
    bool is_zipf;
    int level;
};

struct bench {
    struct event *events;
    size_t count;
    struct arena *arena;
    uint64_t state;
};

#define RULE(type, condition, timespan)                                                        \
    "{id: x, title: T, correlation: {type: " type ", rules: [auth.*], group-by: [source_ip], " \
    "timespan: " timespan ", condition: " condition "}}"

static const struct workload workloads[] = {
    {"event_count, zipf", RULE("event_count", "{gte: 5}", "60s"), 20, 0, true, LEVEL_LOW},
    {"event_count, zipf, disorder", RULE("event_count", "{gte: 5}", "60s"), 20, 60000, true,
     LEVEL_LOW},
    {"event_count, flood", RULE("event_count", "{gte: 9000}", "10m"), 60, 0, false, LEVEL_LOW},
    {"event_count, flood, disorder", RULE("event_count", "{gte: 9000}", "10m"), 60, 60000, false,
     LEVEL_LOW},
    {"event_count, crowded", RULE("event_count", "{gte: 9000}", "10m"), 1, 0, false, LEVEL_LOW},
    {"value_count, zipf", RULE("value_count", "{field: user, gte: 5}", "60s"), 20, 0, true,
     LEVEL_LOW},
    {"value_count, values", RULE("value_count", "{field: user, gte: 9000}", "10m"), 60, 0, false,
     LEVEL_LOW},
    {"value_count, values, disorder", RULE("value_count", "{field: user, gte: 9000}", "10m"), 60,
     60000, false, LEVEL_LOW},
    {"value_count, crowded", RULE("value_count", "{field: user, gte: 9000}", "10m"), 1, 0, false,
     LEVEL_LOW},
    {"value_sum, zipf", RULE("value_sum", "{field: fields.bytes, gt: 5}", "60s"), 20, 0, true,
     LEVEL_LOW},
    {"temporal_ordered, zipf",
     "{id: x, title: T, correlation: {type: temporal_ordered, rules: [auth.failed, auth.accepted], "
     "group-by: [source_ip], timespan: 60s}}",
     20, 0, true, LEVEL_LOW},
    {"single events, zipf", "[]", 20, 0, true, LEVEL_HIGH},
    {"shipped, zipf", NULL, 20, 0, true, LEVEL_MEDIUM},
    {"shipped, zipf, disorder", NULL, 20, 60000, true, LEVEL_MEDIUM},
};

static uint64_t next(struct bench *bench)
{
    bench->state = bench->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return bench->state >> 33;
}

static size_t source_of(struct bench *bench, bool is_zipf)
{
    double u = (double)(next(bench) % 1000000) / 1000000;

    return is_zipf ? (size_t)pow(SOURCES, u) : 0;
}

struct placed {
    int64_t key;
    struct event event;
};

static int by_key(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

static void make_events(struct bench *bench, const struct workload *workload)
{
    static struct text bytes_name = {"bytes", 5}, bytes_value = {"12.5", 4};
    struct placed *placed = mem_zero(bench->count * sizeof(*placed));

    arena_reset(bench->arena, SIZE_MAX);
    bench->state = 1;
    for (size_t i = 0; i < bench->count; i++) {
        struct event *event = &placed[i].event;

        record_set_defaults(&event_type, event);
        event->event_time = event->timestamp = START + (int64_t)i * workload->spacing_ms;
        event->event_id = arena_textf(bench->arena, "%016zx%016zx", i * 0x9e3779b97f4a7c15, i);
        event->event_type = next(bench) % 50 ? TEXT("auth.failed") : TEXT("auth.accepted");
        if (!workload->rules && next(bench) % 2)
            event->event_type = TEXT("network_attacks.brute_force");
        event->rule_id = event->event_type;
        event->tenant = TEXT("default");
        event->threat_level = workload->level;
        event->confidence_score = 0.7;
        event->source_ip =
            arena_textf(bench->arena, "10.%zu.2.3", source_of(bench, workload->is_zipf));
        event->user = arena_textf(bench->arena, "user%zu", i % USERS);
        event->payload =
            TEXT("Failed password for invalid user admin from 203.0.113.50 port 22 ssh2");
        event->fields = (struct record_map){&bytes_name, &bytes_value, 1};
        placed[i].key = event->event_time;
        if (workload->disorder_ms)
            placed[i].key += (int64_t)next(bench) % workload->disorder_ms;
    }
    if (workload->disorder_ms)
        qsort(placed, bench->count, sizeof(*placed), by_key);
    for (size_t i = 0; i < bench->count; i++)
        bench->events[i] = placed[i].event;
    free(placed);
}

static double now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

/* ns an event. */
static double run(struct bench *bench, const struct correlations *rules, size_t *alerts)
{
    const struct windows_settings settings = WINDOWS_DEFAULTS;
    AUTO(windows) windows = windows_new(rules, &settings);
    struct alert *found;
    double from = now();

    *alerts = 0;
    for (size_t i = 0; i < bench->count; i += BATCH) {
        size_t count = bench->count - i < BATCH ? bench->count - i : BATCH;
        int64_t now_ms = bench->events[i].event_time;

        windows_feed(windows, bench->events + i, count, now_ms);
        *alerts += windows_take(windows, &found);
        windows_advance(windows, now_ms);
        *alerts += windows_take(windows, &found);
    }
    return (now() - from) / (double)bench->count;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static void measure(struct bench *bench, const struct workload *workload, size_t runs)
{
    AUTO(correlations) rules = correlations_new(CORRELATION_LIMITS_DEFAULT);
    struct error err = {0};
    double each[MAX_RUNS];
    size_t alerts = 0;
    int result = workload->rules
                     ? correlations_add_bytes(rules, workload->name, text_of(workload->rules), &err)
                     : correlations_add(rules, HAECHI_SOURCE "/deploy/correlations", &err);

    if (result < 0 || correlations_link(rules, &err) < 0) {
        fprintf(stderr, "bench_windows: %s\n", err.text);
        exit(1);
    }
    make_events(bench, workload);
    for (size_t i = 0; i < runs; i++)
        each[i] = run(bench, rules, &alerts);
    qsort(each, runs, sizeof(each[0]), ascending);
    printf("%-30s %8zu %8.0f %8.0f..%-8.0f %8.2f\n", workload->name, alerts, each[runs / 2],
           each[0], each[runs - 1], 1e3 / each[runs / 2]);
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
    size_t runs = number(argc > 1 ? argv[1] : NULL, 5, MAX_RUNS);
    struct bench bench = {.count = number(argc > 2 ? argv[2] : NULL, 200000, 10000000)};

    bench.events = mem_zero(bench.count * sizeof(*bench.events));
    bench.arena = arena_new(1 << 20);
    printf("%zu runs of %zu events each\n\n", runs, bench.count);
    printf("%-30s %8s %8s %18s %8s\n", "ns an event", "alerts", "median", "spread", "M/s");
    for (size_t i = 0; i < COUNT_OF(workloads); i++) {
        if (argc < 4 || strstr(workloads[i].name, argv[3]))
            measure(&bench, &workloads[i], runs);
    }
    arena_free(bench.arena);
    free(bench.events);
    return 0;
}
