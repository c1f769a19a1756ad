/* bench_formats: how fast logs become entries, by format, against yyjson alone on the same bytes
 * (which for lines is how fast a reader could be that is as good as it).
 *
 *     bench_formats [RUNS [LOGS]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <yyjson.h>

#include "base/mem.h"
#include "detector/source.h"

enum { BATCH = 1000, MAX_RUNS = 100 };

static const struct shape {
    const char *name;
    enum source_format format;
    const char *log;
} shapes[] = {
    {"json, flat", SOURCE_AUTO,
     "{\"@timestamp\":\"2026-01-31T13:55:36.250Z\",\"client_ip\":\"203.0.113.7\",\"method\":"
     "\"GET\","
     "\"request_uri\":\"/shop/item?id=48211&ref=start\",\"status\":200,\"bytes\":18311,"
     "\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0\",\"host\":\"web-3\","
     "\"message\":\"GET /shop/item served\",\"took\":0.0123}"},
    {"json, Filebeat around an access log", SOURCE_AUTO,
     "{\"@timestamp\":\"2026-01-31T13:55:36.250Z\",\"@metadata\":{\"beat\":\"filebeat\",\"type\":"
     "\"_doc\",\"version\":\"8.17.0\"},\"log\":{\"offset\":812,\"file\":{\"path\":"
     "\"/var/log/nginx/access.log\"}},\"message\":\"203.0.113.7 - - [31/Jan/2026:13:55:36 +0000] "
     "\\\"GET /shop/item?id=48211 HTTP/1.1\\\" 200 18311 \\\"-\\\" \\\"Mozilla/5.0 (X11; Linux "
     "x86_64)\\\"\",\"input\":{\"type\":\"filestream\"},\"host\":{\"name\":\"web-3\"},\"agent\":{"
     "\"type\":\"filebeat\",\"version\":\"8.17.0\"},\"ecs\":{\"version\":\"8.0.0\"}}"},
    {"access log, combined", SOURCE_AUTO,
     "203.0.113.7 - - [31/Jan/2026:13:55:36 +0000] \"GET /shop/item?id=48211&ref=start HTTP/1.1\" "
     "200 "
     "18311 \"https://shop.example.com/start\" \"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
     "Gecko/20100101 Firefox/128.0\""},
    {"nginx error log", SOURCE_AUTO,
     "2026/01/31 13:55:36 [error] 1234#5678: *90 open() \"/srv/x\" failed (2: No such file or "
     "directory), client: 203.0.113.7, server: example.com, request: \"GET /x HTTP/1.1\", host: "
     "\"example.com\""},
    {"syslog, RFC 3164", SOURCE_AUTO,
     "<38>Jan 31 13:55:36 web-3 sshd[4711]: Failed password for invalid user admin from "
     "203.0.113.7 "
     "port 50022 ssh2"},
    {"syslog, rsyslog's file format", SOURCE_AUTO,
     "2026-01-31T13:55:36.250000+00:00 web-3 sshd[4711]: Failed password for invalid user admin "
     "from 203.0.113.7 port 50022 ssh2"},
    {"syslog, RFC 5424", SOURCE_AUTO,
     "<165>1 2026-01-31T13:55:36.250Z web-3 app 4711 ID47 [origin@32473 ip=\"203.0.113.7\" "
     "kind=\"login\"] Failed password for invalid user admin"},
    {"plain", SOURCE_AUTO, "user admin from 203.0.113.7 was refused: no such account"},
};

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Nanoseconds a log. */
static double run_source(const struct source *source, struct text log, size_t count)
{
    AUTO(arena) arena = arena_new(1 << 20);
    struct error err;
    struct entry entry;
    double start = seconds();

    for (size_t i = 0; i < count; i++) {
        if (i % BATCH == 0)
            arena_reset(arena, 16 << 20);
        if (source_parse(source, log, 1769867736250, arena, &entry, &err) < 0) {
            fprintf(stderr, "bench_formats: %s\n", err.text);
            exit(1);
        }
    }
    return (seconds() - start) * 1e9 / (double)count;
}

/* The log as it is if it is JSON, else as a JSON text, with one block of memory used again. */
static double run_yyjson(struct text log, size_t count)
{
    AUTO_BUF json = {0};
    struct yyjson_alc memory;
    double start;

    if (log.bytes[0] == '{')
        buf_add(&json, log);
    else
        buf_add_json(&json, log);
    size_t size = yyjson_read_max_memory_usage(json.size, 0);
    void *block = mem_zero(size);

    start = seconds();
    for (size_t i = 0; i < count; i++) {
        yyjson_alc_pool_init(&memory, block, size);
        if (!yyjson_read_opts(json.bytes, json.size, 0, &memory, NULL))
            exit(1);
    }
    free(block);
    return (seconds() - start) * 1e9 / (double)count;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *figures, size_t count)
{
    qsort(figures, count, sizeof(*figures), ascending);
    return figures[count / 2];
}

static void bench(const struct shape *shape, size_t runs, size_t count)
{
    const struct source_settings settings = {.format = (int)shape->format};
    AUTO(source) source = source_new(&settings, NULL);
    struct text log = text_of(shape->log);
    double own[MAX_RUNS], peer[MAX_RUNS];

    for (size_t i = 0; i < runs; i++) {
        own[i] = run_source(source, log, count);
        peer[i] = run_yyjson(log, count);
    }
    double ns = median(own, runs), peer_ns = median(peer, runs);

    printf("%-36s %5zu %9.2f %8.0f %5.0f..%-5.0f %8.0f %7.2f\n", shape->name, log.size, 1e3 / ns,
           ns, own[0], own[runs - 1], peer_ns, ns / peer_ns);
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
    size_t count = number(argc > 2 ? argv[2] : NULL, 300000, SIZE_MAX);

    printf("%zu runs of %zu logs each; processor time, median (and spread)\n\n", runs, count);
    printf("%-36s %5s %9s %8s %12s %8s %7s\n", "format", "bytes", "M logs/s", "ns/log", "spread",
           "yyjson", "ratio");
    for (size_t i = 0; i < COUNT_OF(shapes); i++)
        bench(&shapes[i], runs, count);
    return 0;
}
