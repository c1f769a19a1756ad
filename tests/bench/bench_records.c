/* bench_records: what writing and reading an event costs in both forms, beside others on the same
 * bytes: yyjson (reading into its tree; writing that tree) and avro-c (reused value, no copying in
 * or out of it).
 *
 *     bench_records [RUNS [RECORDS]]
 *
 * Processor time a record, median of RUNS (5) and how far the runs lie apart.
 */
#include <avro.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <yyjson.h>

#include "base/event.h"
#include "base/record_avro.h"
#include "base/record_avro_plan.h"
#include "base/record_json.h"

enum { BATCH = 1000, MAX_RUNS = 99 };

struct bench {
    struct event event;
    struct arena *arena;
    struct buf json, avro, out, schema;
    struct record_avro_plan *plan;
    yyjson_doc *tree;
    void *block; /* for yyjson, used again */
    size_t block_size;
    avro_value_t value;
    avro_reader_t reader;
    avro_writer_t writer;
};

static void make_event(struct event *event, struct arena *arena)
{
    static struct text indicators[] = {{"(?i)union\\s+select", 18}, {"suspicious_timing:0.5", 21}};
    static struct text tags[] = {{"attack.t1190", 12}};

    record_set_defaults(&event_type, event);
    event->event_id = TEXT("0123456789abcdef0123456789abcdef");
    event->fingerprint = TEXT("0123456789abcdef");
    event->timestamp = event->event_time = 1769867736250;
    event->detected_at = 1769867736300;
    event->event_type = event->rule_id = TEXT("web_attacks.sql_injection");
    event->rule_title = TEXT("SQL injection");
    event->threat_level = LEVEL_CRITICAL;
    event->confidence_score = 0.9;
    event->source_ip = TEXT("203.0.113.7");
    event->host = TEXT("web-3");
    event->user_agent = TEXT("Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0");
    event->payload = TEXT("GET /shop/item?id=1+UNION+SELECT+user,password+FROM+users-- served");
    event->indicators = (struct record_texts){indicators, 2};
    event->tags = (struct record_texts){tags, 1};
    event->tenant = TEXT("default");
    event->origin =
        (struct origin){TEXT("MkU3OEVBNTcwNTJENDM2Qg"), TEXT("nginx-access"), 3, 8123, 0};
    event->raw_log = arena_textf(arena,
                                 "{\"@timestamp\":\"2026-01-31T13:55:36.250Z\",\"client_ip\":"
                                 "\"203.0.113.7\",\"host\":\"web-3\",\"message\":\"%.*s\"}",
                                 TEXT_ARG(event->payload));
}

static void own_json_write(struct bench *bench)
{
    buf_reset(&bench->out);
    record_json_write(&event_type, &bench->event, &bench->out);
}

static void own_json_read(struct bench *bench)
{
    struct event event;

    if (record_json_read(&event_type, buf_text(&bench->json), bench->arena, &event, NULL) < 0)
        exit(1);
}

static void own_avro_write(struct bench *bench)
{
    buf_reset(&bench->out);
    record_avro_write(&event_type, &bench->event, &bench->out);
}

static void own_avro_read(struct bench *bench)
{
    struct event event;

    if (record_avro_plan_read(bench->plan, buf_text(&bench->avro), bench->arena, &event, NULL) < 0)
        exit(1);
}

static void peer_json_write(struct bench *bench)
{
    struct yyjson_alc memory;

    yyjson_alc_pool_init(&memory, bench->block, bench->block_size);
    if (!yyjson_write_opts(bench->tree, 0, &memory, NULL, NULL))
        exit(1);
}

static void peer_json_read(struct bench *bench)
{
    struct yyjson_alc memory;

    yyjson_alc_pool_init(&memory, bench->block, bench->block_size);
    if (!yyjson_read_opts(bench->json.bytes, bench->json.size, 0, &memory, NULL))
        exit(1);
}

static void peer_avro_write(struct bench *bench)
{
    avro_writer_reset(bench->writer);
    if (avro_value_write(bench->writer, &bench->value) != 0)
        exit(1);
}

static void peer_avro_read(struct bench *bench)
{
    avro_reader_memory_set_source(bench->reader, bench->avro.bytes, (int64_t)bench->avro.size);
    if (avro_value_read(bench->reader, &bench->value) != 0)
        exit(1);
}

static void make_id(struct bench *bench)
{
    event_make_id(&bench->event.origin, 1769867736250, bench->event.rule_id, bench->arena);
}

static void open_peers(struct bench *bench)
{
    avro_schema_t schema;

    bench->tree = yyjson_read(bench->json.bytes, bench->json.size, 0);
    bench->block_size = 1 << 20;
    bench->block = mem_zero(bench->block_size);
    if (avro_schema_from_json_length(bench->schema.bytes, bench->schema.size, &schema) != 0)
        exit(1);
    avro_value_iface_t *class = avro_generic_class_from_schema(schema);

    avro_generic_value_new(class, &bench->value);
    bench->reader = avro_reader_memory(bench->avro.bytes, (int64_t)bench->avro.size);
    buf_reserve(&bench->out, 1 << 16);
    bench->writer = avro_writer_memory(mem_zero(1 << 16), 1 << 16);
    avro_value_iface_decref(class);
    avro_schema_decref(schema);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Nanoseconds a record. */
static double run(struct bench *bench, void (*step)(struct bench *), size_t count)
{
    double start = seconds();

    for (size_t i = 0; i < count; i++) {
        if (i % BATCH == 0)
            arena_reset(bench->arena, 16 << 20);
        step(bench);
    }
    return (seconds() - start) * 1e9 / (double)count;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void compare(struct bench *bench, const char *name, size_t runs, size_t count,
                    void (*own)(struct bench *), void (*peer)(struct bench *))
{
    double ours[MAX_RUNS], theirs[MAX_RUNS] = {0};

    for (size_t i = 0; i < runs; i++) {
        ours[i] = run(bench, own, count);
        if (peer)
            theirs[i] = run(bench, peer, count);
    }
    qsort(ours, runs, sizeof(*ours), ascending);
    qsort(theirs, runs, sizeof(*theirs), ascending);
    printf("%-12s %8.0f %6.0f..%-6.0f", name, ours[runs / 2], ours[0], ours[runs - 1]);
    if (peer)
        printf(" %8.0f %7.2f", theirs[runs / 2], ours[runs / 2] / theirs[runs / 2]);
    printf("\n");
}

static size_t number(const char *text, size_t fallback, size_t most)
{
    int64_t value = 0;

    if (!text || !text_to_integer(text_of(text), &value) || value < 1)
        return fallback;
    return (size_t)value < most ? (size_t)value : most;
}

int main(int argc, char **argv)
{
    size_t runs = number(argc > 1 ? argv[1] : NULL, 5, MAX_RUNS);
    size_t count = number(argc > 2 ? argv[2] : NULL, 100000, 100000000);
    struct bench bench = {.arena = arena_new(1 << 20)};
    AUTO(arena) texts = arena_new(4096);

    make_event(&bench.event, texts);
    record_json_write(&event_type, &bench.event, &bench.json);
    record_avro_write(&event_type, &bench.event, &bench.avro);
    record_avro_schema(&event_type, &bench.schema);
    bench.plan = record_avro_plan_new(&event_type, buf_text(&bench.schema), NULL);
    open_peers(&bench);
    peer_avro_read(&bench); /* a value to write */

    printf("an event of %zu bytes as JSON, %zu as Avro\n", bench.json.size, bench.avro.size);
    printf("%-12s %8s %14s %8s %7s\n", "", "ns", "least..most", "peer ns", "ratio");
    compare(&bench, "JSON write", runs, count, own_json_write, peer_json_write);
    compare(&bench, "JSON read", runs, count, own_json_read, peer_json_read);
    compare(&bench, "Avro write", runs, count, own_avro_write, peer_avro_write);
    compare(&bench, "Avro read", runs, count, own_avro_read, peer_avro_read);
    compare(&bench, "event_id", runs, count, make_id, NULL);
    return 0;
}
