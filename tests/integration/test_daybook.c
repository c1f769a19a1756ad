/* The notes of the day, handed over to a real Redis that is full, away or emptied meanwhile. */
#include "unit.h"

#include "base/seen.h"
#include "detector/outside/daybook.h"
#include "redis_server.h"

enum { BYTES = 65536 };

static const int64_t evening = INT64_C(1767311940000); /* 2026-01-01T23:59:00Z */
static const int64_t second = 1000, hour = INT64_C(3600) * 1000;

struct fixture {
    struct redis_server server;
    struct redis_settings settings;
    struct redis *redis; /* the test's own */
    struct redis *of_book;
    struct daybook *book;
    struct arena *arena;
    char found[SEEN_BLOCK]; /* of the last question */
};

static size_t command(struct fixture *f, const char *a, const char *b, const char *c, const char *d)
{
    const struct text words[] = {text_of(a), text_of(b), text_of(c), text_of(d)};
    redisReply *const *replies;
    struct error err = {0};
    size_t count, used = 0;

    while (used < COUNT_OF(words) && words[used].size > 0)
        used++;
    redis_ask(f->redis, words, used);
    if (redis_run_strict(f->redis, &replies, &count, &err) < 0)
        fail_msg("%s: %s", a, err.text);
    if (replies[0]->type != REDIS_REPLY_STRING || replies[0]->len != SEEN_BLOCK)
        return 0;
    memcpy(f->found, replies[0]->str, SEEN_BLOCK);
    return SEEN_BLOCK;
}

static void let_hunt(struct fixture *f)
{
    command(f, "SET", "haechi:{ioc}:retro", "65536 7", NULL);
}

/* False: there is no Redis here. */
static bool start(struct fixture *f)
{
    if (!redis_server_is_installed())
        return false;
    *f = (struct fixture){.arena = arena_new(4096)};
    redis_server_start(&f->server, NULL, NULL);
    f->settings = (struct redis_settings){
        .host = "127.0.0.1", .port = f->server.port, .timeout_ms = UNIT_LIMIT_MS};
    f->redis = redis_open(&f->settings, NULL, "test");
    f->of_book = redis_open(&f->settings, NULL, "test");
    f->book = daybook_new(f->of_book);
    let_hunt(f);
    daybook_tend(f->book, evening);
    assert_true(daybook_is_open(f->book));
    return true;
}

static void stop(struct fixture *f)
{
    daybook_free(f->book);
    redis_close(f->of_book);
    redis_close(f->redis);
    arena_free(f->arena);
    redis_server_stop(&f->server);
}

static void note(struct fixture *f, const char *log)
{
    daybook_note(f->book, text_of(log), TEXT("acme"), f->arena);
}

static bool has(struct fixture *f, const char *day, const char *name)
{
    uint64_t hash = seen_hash(TEXT("acme"), IOC_DOMAIN, text_of(name));
    size_t block = seen_block(hash, BYTES);
    char key[64], from[24], to[24];

    snprintf(key, sizeof(key), "haechi:{ioc}:seen:%s", day);
    snprintf(from, sizeof(from), "%zu", block);
    snprintf(to, sizeof(to), "%zu", block + SEEN_BLOCK - 1);
    return command(f, "GETRANGE", key, from, to) > 0 &&
           seen_has((const unsigned char *)f->found, hash);
}

/* As far as the circuit of a Redis that was away allows: its pause is real time. */
static void tend_until_there(struct fixture *f, int64_t now_ms, const char *day, const char *name)
{
    for (int i = 0; i < UNIT_LIMIT_MS / 10 && !has(f, day, name); i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        daybook_tend(f->book, now_ms += 11 * second);
    }
    assert_true(has(f, day, name));
}

static void what_a_full_redis_refuses_is_handed_over_later(void **state)
{
    struct fixture f;

    (void)state;
    if (!start(&f))
        return;
    note(&f, "query one.example. A");
    daybook_tend(f.book, evening + 11 * second);
    assert_true(has(&f, "2026-01-01", "one.example"));
    note(&f, "query two.example. A");
    command(&f, "CONFIG", "SET", "maxmemory", "1");
    daybook_tend(f.book, evening + 22 * second);
    assert_false(has(&f, "2026-01-01", "two.example"));
    command(&f, "CONFIG", "SET", "maxmemory", "0");
    daybook_tend(f.book, evening + 61 * second); /* of the next day, but still for its own */
    assert_true(has(&f, "2026-01-01", "two.example"));
    stop(&f);
}

static void what_was_not_handed_over_for_hours_goes_with_the_next_day(void **state)
{
    struct fixture f;

    (void)state;
    if (!start(&f))
        return;
    note(&f, "query one.example. A");
    redis_server_stop(&f.server);
    daybook_tend(f.book, evening + 3 * hour);
    note(&f, "query two.example. A");
    redis_server_start(&f.server, NULL, NULL);
    let_hunt(&f);
    tend_until_there(&f, evening + 4 * hour, "2026-01-02", "one.example");
    assert_true(has(&f, "2026-01-02", "two.example"));
    stop(&f);
}

static void an_emptied_redis_that_does_not_say_yet_that_somebody_hunts_costs_nothing(void **state)
{
    struct fixture f;

    (void)state;
    if (!start(&f))
        return;
    command(&f, "FLUSHALL", NULL, NULL, NULL);
    daybook_tend(f.book, evening + 11 * second);
    assert_true(daybook_is_open(f.book));
    daybook_tend(f.book, evening + 50 * second);
    assert_true(daybook_is_open(f.book));
    daybook_tend(f.book, evening + 70 * second);
    assert_false(daybook_is_open(f.book));
    stop(&f);
}

UNIT_MAIN(
    cmocka_unit_test(what_a_full_redis_refuses_is_handed_over_later),
    cmocka_unit_test(what_was_not_handed_over_for_hours_goes_with_the_next_day),
    cmocka_unit_test(an_emptied_redis_that_does_not_say_yet_that_somebody_hunts_costs_nothing))
