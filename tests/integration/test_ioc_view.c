/* The indicators as a reader sees them, in a real Redis whose keeper writes meanwhile. */
#include "unit.h"

#include <errno.h>

#include "io/ioc_keys.h"
#include "io/ioc_view.h"
#include "redis_server.h"

struct fixture {
    struct redis_server server;
    struct redis_settings settings;
    struct redis *keeper, *of_view;
    struct ioc_view *view;
    struct arena *arena;
};

static void command(struct fixture *f, const char *line)
{
    struct text words[20], rest = text_of(line);
    redisReply *const *replies;
    struct error err = {0};
    size_t count = 0, replied;

    while (count < COUNT_OF(words) && text_split(&rest, ' ', &words[count]))
        count++;
    redis_ask(f->keeper, words, count);
    if (redis_run_strict(f->keeper, &replies, &replied, &err) < 0)
        fail_msg("%s: %s", line, err.text);
}

/* @generation is in force, of @ranges ranges and no other indicators. */
static void publish(struct fixture *f, const char *generation, int ranges)
{
    AUTO(bloom) filter = bloom_new(100, 1);
    AUTO_BUF bytes = {0};
    char line[300];

    bloom_write(filter, &bytes);
    snprintf(line, sizeof(line), IOC_KEY_FILTER "%s.1", generation);
    const struct text words[] = {TEXT("SET"), text_of(line), buf_text(&bytes)};

    redis_ask(f->keeper, words, COUNT_OF(words));
    for (int i = 0; i < ranges; i++) {
        snprintf(line, sizeof(line), "HSET " IOC_KEY_CIDR "%s cidr:198.51.%d.0/24 brief",
                 generation, i);
        command(f, line);
    }
    snprintf(line, sizeof(line),
             "HSET " IOC_KEY_VERSION " version %s.1 generation %s at 0-0 bits 12 size %zu count %d "
             "cidrs %d",
             generation, generation, bytes.size, ranges, ranges);
    command(f, line);
}

static bool start(struct fixture *f)
{
    if (!redis_server_is_installed())
        return false;
    *f = (struct fixture){.arena = arena_new(4096)};
    redis_server_start(&f->server, NULL, NULL);
    f->settings = (struct redis_settings){
        .host = "127.0.0.1", .port = f->server.port, .timeout_ms = UNIT_LIMIT_MS};
    f->keeper = redis_open(&f->settings, NULL, "test");
    f->of_view = redis_open(&f->settings, NULL, "test");
    f->view = ioc_view_new(f->of_view);
    return true;
}

static void stop(struct fixture *f)
{
    ioc_view_free(f->view);
    redis_close(f->of_view);
    redis_close(f->keeper);
    arena_free(f->arena);
    redis_server_stop(&f->server);
}

static void refresh(struct fixture *f)
{
    struct error err = {0};

    if (ioc_view_refresh(f->view, &err) < 0)
        fail_msg("refresh: %s", err.text);
}

static int ask(struct fixture *f, struct error *err)
{
    struct text key = TEXT("ip:192.0.2.1"), brief;

    return ioc_view_ask(f->view, &key, 1, &brief, f->arena, err);
}

/* Of the only range that @log names; empty: it names none. */
static struct text range_of(struct fixture *f, const char *log, long *position)
{
    struct sieve_counts counts = {0};
    struct suspect *suspects;
    size_t count =
        sieve_sift(ioc_view_sieve(f->view), text_of(log), NULL, f->arena, &suspects, &counts);

    for (size_t i = 0; i < count; i++) {
        if (suspects[i].type == IOC_CIDR) {
            *position = suspects[i].range;
            return ioc_view_range(f->view, suspects[i].range).key;
        }
    }
    return (struct text){0};
}

static void assert_key(struct text got, const char *want)
{
    if (!text_is(got, want))
        fail_msg("got \"%.*s\", want \"%s\"", TEXT_ARG(got), want);
}

static void what_was_sifted_stays_good_while_it_is_confirmed(void **state)
{
    struct fixture f;
    long position = 0;
    struct error err = {0};

    (void)state;
    if (!start(&f))
        return;
    publish(&f, "old", 200);
    refresh(&f);
    assert_key(range_of(&f, "from 198.51.150.7", &position), "cidr:198.51.150.0/24");
    assert_int_equal(ask(&f, &err), 0);

    publish(&f, "new", 1);
    for (int i = 0; i < 2; i++) { /* the first finds out */
        assert_int_equal(ask(&f, &err), -EAGAIN);
        assert_int_equal(err.class, ERROR_RETRY);
        assert_true(ioc_view_is_outdated(f.view));
        assert_key(ioc_view_range(f.view, position).key, "cidr:198.51.150.0/24");
    }

    refresh(&f);
    assert_false(ioc_view_is_outdated(f.view));
    assert_int_equal(ask(&f, &err), 0);
    assert_int_equal(range_of(&f, "from 198.51.150.7", &position).size, 0);
    stop(&f);
}

static void ranges_that_could_not_be_fetched_are_fetched_later(void **state)
{
    struct fixture f;
    long position;
    struct error err = {0};

    (void)state;
    if (!start(&f))
        return;
    publish(&f, "one", 1);
    refresh(&f);
    command(&f, "RENAME " IOC_KEY_CIDR "one aside");
    command(&f, "SET " IOC_KEY_CIDR "one nothing-that-has-ranges");
    command(&f, "XADD " IOC_KEY_CHANGES "one * cidr 1");
    assert_true(ioc_view_refresh(f.view, &err) < 0);
    assert_key(range_of(&f, "from 198.51.0.7", &position), "cidr:198.51.0.0/24");
    assert_true(ioc_view_refresh(f.view, &err) < 0); /* and says so as long as it lasts */

    uint64_t edition = ioc_view_edition(f.view);

    command(&f, "RENAME aside " IOC_KEY_CIDR "one");
    command(&f, "HSET " IOC_KEY_CIDR "one cidr:203.0.113.0/24 brief");
    refresh(&f);
    assert_key(range_of(&f, "from 203.0.113.9", &position), "cidr:203.0.113.0/24");
    assert_true(ioc_view_edition(f.view) != edition);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sifted_stays_good_while_it_is_confirmed),
        cmocka_unit_test(ranges_that_could_not_be_fetched_are_fetched_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
