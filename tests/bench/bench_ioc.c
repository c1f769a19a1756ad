/* bench_ioc: look-ups of observables among a million indicators, and what sifting costs a log.
 *
 *     bench_ioc [INDICATORS [RUNS]]
 *
 * Processor time, median of RUNS: making the filter; a look-up of one that is not in it, with the
 * share of false maybes; in a table of 50,000 ranges; a log sifted; reading the filter's serialised
 * form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/sieve.h"
#include "bench_logs.h"

enum { LOOKUPS = 4 << 20, LOGS = 100000, RANGES = 50000, MAX_RUNS = 99, NAME = 24 };

struct bench {
    size_t count, runs;
    struct sieve *sieve;
    struct cidr_table *ranges;
    char (*names)[NAME]; /* that are not in it */
    struct arena *arena;
    struct sieve_memory *memory;
    struct text *logs;
    uint64_t maybes, suspects;
};

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct text address_of(size_t i, char room[NAME])
{
    uint32_t bits = (uint32_t)i * 2654435761u;

    snprintf(room, NAME, "%u.%u.%u.%u", 130 + (bits >> 24) % 90, bits >> 16 & 255, bits >> 8 & 255,
             bits & 255);
    return text_of(room);
}

static void fill(struct bench *bench)
{
    sieve_free(bench->sieve);
    bench->sieve = sieve_new(bloom_new(bench->count, 0x5EED));
    for (size_t i = 0; i < bench->count; i++) {
        char name[48];

        if (i % 4 == 0) {
            sieve_add(bench->sieve, IOC_IP, address_of(i, name));
        } else {
            snprintf(name, sizeof(name), i % 4 == 1 ? "host-%zu.bad.example" : "%032zx", i);
            sieve_add(bench->sieve, i % 4 == 1 ? IOC_DOMAIN : IOC_MD5, text_of(name));
        }
    }
}

static void add_ranges(struct bench *bench)
{
    struct cidr *ranges = mem_zero(RANGES * sizeof(*ranges));
    char name[NAME + 4];

    for (size_t i = 0; i < RANGES; i++) {
        address_of(i * 7919, name);
        snprintf(name + strlen(name), 4, "/24");
        cidr_parse(text_of(name), &ranges[i]);
    }
    sieve_set_ranges(bench->sieve, ranges, RANGES);
    cidr_table_free(bench->ranges);
    bench->ranges = cidr_table_new(ranges, RANGES);
    free(ranges);
}

static void look_up(struct bench *bench)
{
    bench->maybes = 0;
    for (size_t i = 0; i < LOOKUPS; i++)
        bench->maybes += sieve_may_have(bench->sieve, IOC_IP, text_of(bench->names[i % LOGS]));
}

static void look_up_ranges(struct bench *bench)
{
    struct address address;

    address_parse(TEXT("20.0.0.0"), &address);
    for (size_t i = 0; i < LOOKUPS; i++) {
        uint32_t bits = (uint32_t)i * 2654435761u;

        memcpy(address.bytes + 12, &bits, 4);
        bench->suspects += cidr_table_find(bench->ranges, &address) >= 0;
    }
}

static void sift(struct bench *bench)
{
    struct sieve_counts counts = {0};
    struct suspect *suspects;

    bench->suspects = 0;
    for (size_t i = 0; i < LOGS; i++) {
        struct arena_mark mark = arena_mark(bench->arena);

        bench->suspects += sieve_sift(bench->sieve, bench->logs[i], bench->memory, bench->arena,
                                      &suspects, &counts);
        arena_rewind(bench->arena, mark);
    }
}

static void reread(struct bench *bench)
{
    AUTO_BUF bytes = {0};

    bloom_write(sieve_filter(bench->sieve), &bytes);
    bloom_free(bloom_read(buf_text(&bytes), NULL));
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double measure(struct bench *bench, const char *what, void (*run)(struct bench *),
                      double times)
{
    double each[MAX_RUNS];

    for (size_t i = 0; i < bench->runs; i++) {
        double start = seconds();

        run(bench);
        each[i] = (seconds() - start) * 1e9 / times;
    }
    qsort(each, bench->runs, sizeof(*each), ascending);
    printf("%-34s %8.1f ns  %6.1f..%-6.1f %8.2f M/s\n", what, each[bench->runs / 2], each[0],
           each[bench->runs - 1], 1e3 / each[bench->runs / 2]);
    return each[bench->runs / 2];
}

static void make_logs(struct bench *bench, void (*write)(uint64_t *, bool, struct buf *))
{
    uint64_t state = BENCH_SEED;

    for (size_t i = 0; i < LOGS; i++) {
        AUTO_BUF log = {0};

        write(&state, i % BENCH_ATTACK_EVERY == 0, &log);
        bench->logs[i] = arena_copy(bench->arena, buf_text(&log));
    }
}

int main(int argc, char **argv)
{
    int64_t count = 1000000, runs = 5;

    if (argc > 1 && (!text_to_integer(text_of(argv[1]), &count) || count > 100000000))
        return 2;
    if (argc > 2 && (!text_to_integer(text_of(argv[2]), &runs) || runs < 1 || runs > MAX_RUNS))
        return 2;
    AUTO(arena) arena = arena_new(1 << 20);
    AUTO(sieve_memory) memory = sieve_memory_new();
    struct bench bench = {
        .count = (size_t)count, .runs = (size_t)runs, .arena = arena, .memory = memory};

    bench.names = mem_zero(LOGS * sizeof(*bench.names));
    bench.logs = mem_zero(LOGS * sizeof(*bench.logs));
    for (size_t i = 0; i < LOGS; i++)
        snprintf(bench.names[i], NAME, "20.%zu.%zu.%zu", i / 65536, i / 256 % 256, i % 256);
    measure(&bench, "filter made, an indicator", fill, (double)count);
    printf("%-34s %8.2f MB\n", "its size", (double)bloom_bytes(sieve_filter(bench.sieve)) / 1e6);
    measure(&bench, "filter written and read", reread, (double)count);
    measure(&bench, "look-up, not in it", look_up, LOOKUPS);
    printf("%-34s %8.3f %%\n", "false maybes", (double)bench.maybes * 100 / LOOKUPS);
    add_ranges(&bench);
    measure(&bench, "range of an address, 50,000 ranges", look_up_ranges, LOOKUPS);
    make_logs(&bench, bench_access_log);
    measure(&bench, "a log sifted: access", sift, LOGS);
    make_logs(&bench, bench_json_log);
    measure(&bench, "a log sifted: json", sift, LOGS);
    printf("%-34s %8llu\n", "suspects among 100,000 logs", (unsigned long long)bench.suspects);
    sieve_free(bench.sieve);
    cidr_table_free(bench.ranges);
    free(bench.names);
    free(bench.logs);
    return 0;
}
