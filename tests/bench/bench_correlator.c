/* bench_correlator: events for the correlator, and what its windows over Redis do with them.
 *
 *     bench_correlator events COUNT RATE             COUNT events as JSON, one a line, RATE a
 * second by their own times bench_correlator feed PORT COUNT RATE [BATCH]  the windows alone,
 * without Kafka, with the Redis that listens on PORT of loopback
 *     bench_correlator script                        the script that writes a group
 *     bench_correlator tables                        state_tables.c, from states of the same events
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zdict.h>

#include "base/record_json.h"
#include "bench_events.h"
#include "correlator/outside/redis_scripts.h"
#include "correlator/outside/redis_store.h"
#include "correlator/shared_windows.h"
#include "correlator/state_form.h"
#include "correlator/state_words.h"

enum { MOST_BATCH = 10000, ARENA_BLOCK = 1 << 20 };

static int64_t time_of(int64_t n, int64_t rate)
{
    return BENCH_START + n * 1000 / rate;
}

static int write_events(int64_t count, int64_t rate)
{
    uint64_t state = BENCH_SEED;
    AUTO(arena) arena = arena_new(ARENA_BLOCK);
    AUTO_BUF out = {0};

    for (int64_t i = 0; i < count; i++) {
        struct event event;

        bench_event(&state, (uint64_t)i, time_of(i, rate), arena, &event);
        record_json_write(&event_type, &event, &out);
        buf_add_byte(&out, '\n');
        if (out.size < ARENA_BLOCK && i + 1 < count)
            continue;
        if (fwrite(out.bytes, 1, out.size, stdout) != out.size)
            return 1;
        buf_reset(&out);
        arena_reset(arena, ARENA_BLOCK);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

static double seconds(clockid_t clock)
{
    struct timespec at;

    clock_gettime(clock, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void die(const struct error *err)
{
    fprintf(stderr, "bench_correlator: %s\n", err->text);
    exit(1);
}

/* Calls of the script that are alike. */
struct kind {
    const char *name;
    uint64_t calls, bytes, recents, timers;
};

enum { WHOLE, WHOLE_RECENT, ADDITION, ADDITION_RECENT, KINDS };

/* A store that counts what goes through it. */
struct counting {
    struct store interface; /* first */
    struct store *store;
    struct kind kinds[KINDS];
};

static int count_commit(struct store *self, struct store_write *writes, size_t count,
                        struct error *err)
{
    struct counting *counting = (struct counting *)(void *)self;

    for (size_t i = 0; i < count; i++) {
        int which = (writes[i].is_addition ? ADDITION : WHOLE) + (writes[i].recent_count > 0);
        struct kind *kind = &counting->kinds[which];

        kind->calls++;
        kind->bytes += writes[i].state.size;
        kind->recents += writes[i].recent_count;
        kind->timers += !writes[i].keeps_due;
    }
    return counting->store->commit(counting->store, writes, count, err);
}

static size_t pass_begin(struct store *self, const struct store_write *writes, size_t count)
{
    struct store *store = ((struct counting *)(void *)self)->store;

    return store->begin(store, writes, count);
}

static int count_load(struct store *self, struct store_read *reads, size_t count, struct error *err)
{
    struct store *store = ((struct counting *)(void *)self)->store;

    return store->load(store, reads, count, err);
}

struct figures {
    double wall, own;
    uint64_t alerts;
};

/* Event time is wall time, as it is for a correlator that keeps up. */
static struct figures feed(struct shared_windows *windows, int64_t count, int64_t rate,
                           int64_t size)
{
    struct event *batch = mem_zero((size_t)size * sizeof(*batch));
    uint64_t state = BENCH_SEED;
    AUTO(arena) arena = arena_new(ARENA_BLOCK);
    const struct shared_alert *alerts;
    struct figures figures = {0};
    struct error err = {0};

    for (int64_t n = 0; n < count; n += size) {
        arena_reset(arena, ARENA_BLOCK);
        for (int64_t i = 0; i < size; i++)
            bench_event(&state, (uint64_t)(n + i), time_of(n + i, rate), arena, &batch[i]);
        double wall = seconds(CLOCK_MONOTONIC), own = seconds(CLOCK_PROCESS_CPUTIME_ID);

        if (shared_windows_feed(windows, batch, (size_t)size, time_of(n + size, rate), &err) < 0)
            die(&err);
        figures.alerts += shared_windows_take(windows, &alerts);
        figures.wall += seconds(CLOCK_MONOTONIC) - wall;
        figures.own += seconds(CLOCK_PROCESS_CPUTIME_ID) - own;
    }
    free(batch);
    return figures;
}

static struct correlations *built_in_rules(void)
{
    struct correlations *rules = correlations_new(CORRELATION_LIMITS_DEFAULT);
    struct error err = {0};

    if (correlations_add(rules, HAECHI_SOURCE "/deploy/correlations", &err) < 0 ||
        correlations_link(rules, &err) < 0)
        die(&err);
    return rules;
}

static int run_feed(int64_t port, int64_t count, int64_t rate, int64_t size)
{
    const struct redis_settings settings = {.host = "127.0.0.1", .port = port, .timeout_ms = 5000};
    const struct redis_store_settings kept = {0};
    struct shared_windows_settings shared = SHARED_DEFAULTS;
    AUTO(correlations) rules = built_in_rules();
    struct redis *redis = redis_open(&settings, NULL, "bench");
    struct redis_store *store = redis_store_open(redis, &kept);
    struct counting counting = {{.commit = count_commit, .load = count_load, .begin = pass_begin},
                                redis_store_interface(store),
                                {{.name = "whole"},
                                 {.name = "whole+recent"},
                                 {.name = "addition"},
                                 {.name = "addition+recent"}}};
    struct shared_windows *windows =
        shared_windows_new(rules, &shared, &counting.interface, BENCH_SEED);
    struct figures figures = feed(windows, count, rate, size);
    struct shared_totals totals = shared_windows_totals(windows);
    int64_t fed = count / size * size;
    double events = (double)fed;

    printf("%.0f events/s, %.2f us processor time, %.2f us wall an event\n", events / figures.wall,
           figures.own / events * 1e6, figures.wall / events * 1e6);
    printf("%.2f rounds a batch, %.3f writes and %.0f B of state an event, %llu alerts, cache: "
           "%llu groups, %llu B\n",
           (double)totals.rounds / (double)totals.batches, (double)totals.writes / events,
           (double)totals.state_bytes / events, (unsigned long long)figures.alerts,
           (unsigned long long)totals.windows.groups, (unsigned long long)totals.cache_bytes);
    for (size_t i = 0; i < KINDS; i++)
        printf("calls: %s %llu, %llu B, %llu recent, %llu timers\n", counting.kinds[i].name,
               (unsigned long long)counting.kinds[i].calls,
               (unsigned long long)counting.kinds[i].bytes,
               (unsigned long long)counting.kinds[i].recents,
               (unsigned long long)counting.kinds[i].timers);
    shared_windows_free(windows);
    redis_store_close(store);
    redis_close(redis);
    return 0;
}

/* Tables. */

enum { TABLES_EVENTS = 50000, SAMPLE_MOST = 1200, TABLES_A_LINE = 12, TABLES_ID = 1 };

/* A store that takes everything, and keeps what was compressed of small groups: there it matters.
 */
struct sampling {
    struct store interface; /* first */
    struct state_form *form;
    struct buf samples;
    size_t *sizes, count, capacity;
};

static int sample_commit(struct store *self, struct store_write *writes, size_t count,
                         struct error *err)
{
    struct sampling *sampling = (struct sampling *)(void *)self;

    (void)err;
    for (size_t i = 0; i < count; i++) {
        struct text rest = writes[i].state, random, plain;

        writes[i].result = STORE_WRITTEN;
        if (rest.size == 0 || writes[i].is_addition ||
            !state_form_read(sampling->form, &rest, &random, &plain) || plain.size > SAMPLE_MOST)
            continue;
        sampling->sizes =
            mem_grow(sampling->sizes, sampling->count, &sampling->capacity, sizeof(size_t));
        sampling->sizes[sampling->count++] = plain.size;
        buf_add(&sampling->samples, plain);
    }
    return 0;
}

/* Two speeds: hot groups, and cold ones. */
static void sample(struct sampling *sampling, const struct correlations *rules, int64_t rate)
{
    struct shared_windows_settings shared = SHARED_DEFAULTS;
    struct shared_windows *windows =
        shared_windows_new(rules, &shared, &sampling->interface, BENCH_SEED);

    feed(windows, TABLES_EVENTS, rate, 1000);
    shared_windows_free(windows);
}

static int write_tables(void)
{
    struct sampling sampling = {.interface = {.commit = sample_commit}, .form = state_form_new()};
    AUTO(correlations) rules = built_in_rules();
    AUTO_BUF made = {0};
    size_t room = 64 * 1024;

    sample(&sampling, rules, 20000);
    sample(&sampling, rules, 50);
    size_t size = ZDICT_finalizeDictionary(
        buf_reserve(&made, room), room, state_words.bytes, state_words.size, sampling.samples.bytes,
        sampling.sizes, (unsigned)sampling.count,
        (ZDICT_params_t){.compressionLevel = 1, .dictID = TABLES_ID});

    if (ZDICT_isError(size)) {
        fprintf(stderr, "bench_correlator: %s\n", ZDICT_getErrorName(size));
        return 1;
    }
    size = ZDICT_getDictHeaderSize(made.bytes, size);
    for (size_t i = 0; i < size; i++)
        printf("%s0x%02x,", i % TABLES_A_LINE ? " " : "\n    ", (unsigned char)made.bytes[i]);
    printf("\n");
    state_form_free(sampling.form);
    buf_done(&sampling.samples);
    free(sampling.sizes);
    return 0;
}

/* The @i-th argument, from 1 to @most. */
static int64_t number(int argc, char **argv, int i, int64_t fallback, int64_t most)
{
    int64_t value = fallback;

    if (i < argc && (!text_to_integer(text_of(argv[i]), &value) || value < 1 || value > most)) {
        fprintf(stderr, "bench_correlator: %s: a number from 1 to %lld\n", argv[i],
                (long long)most);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "events") == 0)
        return write_events(number(argc, argv, 2, 1000, INT32_MAX),
                            number(argc, argv, 3, 20000, INT32_MAX));
    if (argc > 2 && strcmp(argv[1], "feed") == 0)
        return run_feed(
            number(argc, argv, 2, 6379, UINT16_MAX), number(argc, argv, 3, 200000, INT32_MAX),
            number(argc, argv, 4, 20000, INT32_MAX), number(argc, argv, 5, 1000, MOST_BATCH));
    if (argc == 2 && strcmp(argv[1], "script") == 0)
        return fputs(redis_script_write, stdout) < 0;
    if (argc == 2 && strcmp(argv[1], "tables") == 0)
        return write_tables();
    fprintf(stderr, "usage: bench_correlator events COUNT RATE | feed PORT COUNT RATE [BATCH] | "
                    "script | tables\n");
    return 2;
}
