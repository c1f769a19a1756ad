/* bench_groups: what a group's state takes, and what writing and reading it costs.
 *
 *     bench_groups                 bytes, and processor time to write and read one
 *     bench_groups redis N W       N groups of workload W (from 0), as commands for
 *                                  `redis-cli --pipe`: what Redis takes
 *
 * Groups are source addresses under the built-in correlations, or under one rule; events are sshd's
 * failed log-ins some seconds apart, of random users and ports, with random ids.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "correlator/group_state.h"
#include "correlator/windows.h"

enum { REPEATS = 2000 };
#define START INT64_C(1767225600000)

struct workload {
    const char *name;
    size_t events;
    int64_t spacing_ms; /* more than 12 s: no brute force */
    const char *rule;   /* only this one; NULL: all that are shipped */
    unsigned users;     /* how many there are to guess from */
};

#define ONE_RULE                                                                                \
    "{id: x, title: T, correlation: {type: event_count, rules: [network_attacks.*], group-by: " \
    "[source_ip], timespan: 5m, condition: {gte: 100}}}"

static const struct workload workloads[] = {
    {"1 event", 1, 20000, NULL, 1000},
    {"10 events, no open slot", 10, 90000, NULL, 1000},
    {"10 events, 1 rule", 10, 20000, ONE_RULE, 1000},
    {"10 events of 1 user, 1 rule", 10, 20000, ONE_RULE, 1},
    {"10 events, an open slot", 10, 5000, NULL, 1000},
    {"100 events, an open slot", 100, 5000, NULL, 1000},
    {"10000 events, an open slot", 10000, 50, NULL, 1000},
};

struct bench {
    struct correlations *rules;
    struct router *router;
    struct assort *assort;
    struct group_codec *codec;
    struct group_limits limits;
    struct life life;
    struct arena *arena;
    struct group *group;
    struct sighting *sighting;
    uint64_t state;
    unsigned users;
};

static uint64_t next(struct bench *bench)
{
    bench->state ^= bench->state >> 12;
    bench->state ^= bench->state << 25;
    bench->state ^= bench->state >> 27;
    return bench->state * 2685821657736338717u;
}

static void *find(void *self, struct text tenant, const struct text *names,
                  const struct text *values, size_t count)
{
    struct bench *bench = self;
    AUTO_BUF key = {0};

    if (count != 1 || !text_is(names[0], "source_ip"))
        return bench; /* other groups are not looked at */
    group_write_key(tenant, names, values, count, &key);
    if (!bench->group)
        bench->group = group_new(buf_text(&key), tenant, names, values, count, 300000);
    return bench->group;
}

static void take(void *self, void *place, const struct share *share)
{
    struct bench *bench = self;

    if (place != self)
        group_take(bench->group, share, &bench->limits, &bench->life);
}

static void miss(void *self, struct plan *plan)
{
    (void)self;
    (void)plan;
}

static const struct assort_ops ops = {find, take, miss};

static void open_bench(struct bench *bench, const struct workload *workload)
{
    const struct windows_settings settings = WINDOWS_DEFAULTS;
    const struct router_settings router = windows_router(&settings);
    const struct group_keeping keeping = {86400000, 3600000, 900000, SIZE_MAX};
    struct error err = {0};

    *bench =
        (struct bench){.state = 20261124, .users = workload->users, .arena = arena_new(1 << 20)};
    bench->rules = correlations_new(CORRELATION_LIMITS_DEFAULT);
    if ((workload->rule
             ? correlations_add_bytes(bench->rules, "x.yaml", text_of(workload->rule), &err)
             : correlations_add(bench->rules, HAECHI_SOURCE "/deploy/correlations", &err)) < 0 ||
        correlations_link(bench->rules, &err) < 0) {
        fprintf(stderr, "bench_groups: %s\n", err.text);
        exit(1);
    }
    bench->router = router_new(bench->rules, &router);
    bench->assort = assort_new(bench->router, LEVEL_HIGH, &ops, bench);
    bench->codec = group_codec_new(bench->router, &keeping);
    bench->limits = windows_limits(&settings);
    bench->life.settings = windows_life(&settings);
    bench->life.settings.decision_ttl_ms = keeping.decision_ttl_ms;
    bench->life.settings.lease_ms = 30000;
    bench->life.arena = bench->arena;
}

static void close_bench(struct bench *bench)
{
    group_free(bench->group);
    group_codec_free(bench->codec);
    assort_free(bench->assort);
    router_free(bench->router);
    correlations_free(bench->rules);
    life_done(&bench->life);
    arena_free(bench->arena);
}

static void feed(struct bench *bench, struct text source, int64_t at_ms)
{
    static struct text types[] = {{"attack.t1110", 12}};
    struct event event;
    struct text user = arena_textf(bench->arena, "user%u", (unsigned)(next(bench) % bench->users));

    record_set_defaults(&event_type, &event);
    event.event_time = event.timestamp = at_ms;
    event.event_id = arena_textf(bench->arena, "%016llx%016llx", (unsigned long long)next(bench),
                                 (unsigned long long)next(bench));
    event.event_type = TEXT("network_attacks.brute_force");
    event.rule_id = TEXT("network_attacks.sshd_failed");
    event.rule_title = TEXT("Failed log-in over SSH");
    event.threat_level = LEVEL_MEDIUM;
    event.confidence_score = 0.7;
    event.source_ip = source;
    event.user = user;
    event.host = TEXT("web-1");
    event.tenant = TEXT("default");
    event.payload =
        arena_textf(bench->arena, "Failed password for invalid user %.*s from %.*s port %u ssh2",
                    TEXT_ARG(user), TEXT_ARG(source), 1024 + (unsigned)(next(bench) % 60000));
    event.tags = (struct record_texts){types, 1};
    bench->life.now_ms = at_ms;
    assort_event(bench->assort, &event, bench->arena);
}

static void make_group(struct bench *bench, const struct workload *workload, unsigned n)
{
    char source[32];

    group_free(bench->group);
    bench->group = NULL;
    bench->life.count = 0;
    arena_reset(bench->arena, 1 << 20);
    snprintf(source, sizeof(source), "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
    for (size_t i = 0; i < workload->events; i++)
        feed(bench, text_of(source), START + (int64_t)i * workload->spacing_ms);
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void measure(const struct workload *workload)
{
    struct bench bench;
    AUTO_BUF state = {0};
    size_t repeats = 1 + REPEATS * 10 / (10 + workload->events), slots = 0;
    struct group_state_facts facts = {0};

    open_bench(&bench, workload);
    make_group(&bench, workload, 1);
    double start = now_us();

    for (size_t i = 0; i < repeats; i++) {
        buf_reset(&state);
        facts = group_codec_write(bench.codec, bench.group, bench.life.now_ms, &state);
    }
    double written = now_us();

    for (size_t i = 0; i < repeats; i++)
        group_free(group_codec_read(bench.codec, buf_text(&state), 300000, NULL));
    double read = now_us();

    for (size_t i = 0; i < bench.group->track_count; i++)
        slots += bench.group->tracks[i]->slots.count;
    printf("%-32s %5zu %5zu %8zu %8zu %9.1f %9.1f\n", workload->name, bench.group->track_count,
           slots, state.size, facts.memory, (written - start) / (double)repeats,
           (read - written) / (double)repeats);
    close_bench(&bench);
}

static void write_command(const struct text *words, size_t count)
{
    printf("*%zu\r\n", count);
    for (size_t i = 0; i < count; i++) {
        printf("$%zu\r\n", words[i].size);
        fwrite(words[i].bytes, 1, words[i].size, stdout);
        printf("\r\n");
    }
}

/* As redis_scripts writes a group without a timer. */
static void write_groups(const struct workload *workload, unsigned count)
{
    struct bench bench;
    AUTO_BUF state = {0};

    open_bench(&bench, workload);
    for (unsigned i = 0; i < count; i++) {
        char key[64];

        make_group(&bench, workload, i);
        buf_reset(&state);
        buf_add(&state, (struct text){"version!", 8});
        group_codec_write(bench.codec, bench.group, bench.life.now_ms, &state);
        const struct text words[] = {TEXT("SET"),
                                     group_id_state_key(bench.group->id, key, sizeof(key)),
                                     buf_text(&state), TEXT("PX"), TEXT("86400000")};

        write_command(words, COUNT_OF(words));
    }
    close_bench(&bench);
}

int main(int argc, char **argv)
{
    int64_t count, which;

    if (argc == 4 && strcmp(argv[1], "redis") == 0 && text_to_integer(text_of(argv[2]), &count) &&
        text_to_integer(text_of(argv[3]), &which) && which >= 0 &&
        which < (int64_t)COUNT_OF(workloads)) {
        write_groups(&workloads[which], (unsigned)count);
        return 0;
    }
    printf("%-32s %5s %5s %8s %8s %9s %9s\n", "", "rules", "slots", "bytes", "memory", "write us",
           "read us");
    for (size_t i = 0; i < COUNT_OF(workloads); i++)
        measure(&workloads[i]);
    return 0;
}
