/* Against a redis-server that is a Cluster of one, which refuses a call whose keys are not all in
 * one slot. */
#include "redis_server.h"

#include "correlator/outside/redis_store.h"

static const char first_id[] = "0a6d7e3f2b1c4d5e6f708192a3b4c5d6";
static const char other_id[] = "ffb1c4d5e6f708192a3b4c5d60a6d7e3";

struct fixture {
    struct redis_server server;
    struct redis_settings settings;
    struct redis *redis;
    struct redis_store *redis_store;
    struct store *store;
    uint64_t version;
    char ids[1000][GROUP_ID_SIZE];
    size_t claimed;
};

static redisReply *const *ask(struct fixture *f, const char *command)
{
    struct text words[8], rest = text_of(command);
    redisReply *const *replies;
    struct error err = {0};
    size_t count = 0;

    while (count < COUNT_OF(words) && text_split(&rest, ' ', &words[count]))
        count++;
    redis_ask(f->redis, words, count);
    if (redis_run(f->redis, &replies, &count, &err) < 0)
        fail_msg("%s: %s", command, err.text);
    return replies;
}

static int begin(void **state)
{
    struct fixture *f = mem_zero(sizeof(*f));

    signal(SIGPIPE, SIG_IGN);
    redis_server_start(&f->server, "--cluster-enabled", "yes");
    f->settings = (struct redis_settings){
        .host = "127.0.0.1", .port = f->server.port, .timeout_ms = UNIT_LIMIT_MS};
    f->redis = redis_open(&f->settings, NULL, "test");
    f->redis_store = redis_store_open(f->redis, &(struct redis_store_settings){0});
    f->store = redis_store_interface(f->redis_store);
    ask(f, "CLUSTER ADDSLOTSRANGE 0 16383");
    for (int tries = 0; tries < UNIT_LIMIT_MS / 10; tries++) {
        if (ask(f, "SET ready 1")[0]->type != REDIS_REPLY_ERROR)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    redis_store_close(f->redis_store);
    redis_close(f->redis);
    redis_server_stop(&f->server);
    free(f);
    return 0;
}

static int empty(void **state)
{
    ask(*state, "FLUSHALL");
    return 0;
}

static struct store_write write_of(struct fixture *f, const char *id, uint64_t base,
                                   const char *bytes)
{
    return (struct store_write){.id = id,
                                .base = base,
                                .version = ++f->version,
                                .state = text_of(bytes),
                                .ttl_ms = 60000,
                                .due_ms = STORE_NEVER};
}

static void run(struct fixture *f, struct store_write *writes, size_t count)
{
    struct error err = {0};

    if (f->store->commit(f->store, writes, count, &err) < 0)
        fail_msg("%s", err.text);
}

static int64_t ttl_of(struct fixture *f, const char *id)
{
    char key[80], command[100];

    group_id_state_key(id, key, sizeof(key));
    snprintf(command, sizeof(command), "PTTL %s", key);
    return ask(f, command)[0]->integer;
}

static void who_starts_from_what_is_there_writes_and_others_get_it(void **state)
{
    struct fixture *f = *state;
    struct store_write both[] = {write_of(f, first_id, 0, "one"), write_of(f, other_id, 0, "two")};
    struct store_write next = write_of(f, first_id, both[0].version, "three");
    struct store_write late = write_of(f, first_id, both[0].version, "four");

    run(f, both, 2);
    assert_true(both[0].result == STORE_WRITTEN && both[1].result == STORE_WRITTEN);
    run(f, &next, 1);
    assert_int_equal(next.result, STORE_WRITTEN);
    run(f, &late, 1);
    assert_int_equal(late.result, STORE_LOST);
    assert_true(late.found_version == next.version);
    unit_text("stored", late.found_state, "three");

    struct store_read reads[] = {{.id = first_id}, {.id = other_id}, {.id = "00"}};
    struct error err;

    assert_int_equal(f->store->load(f->store, reads, 3, &err), 0);
    unit_text("first", reads[0].state, "three");
    unit_text("other", reads[1].state, "two");
    assert_true(reads[1].version == both[1].version && reads[2].version == 0);
}

static void a_state_that_is_gone_is_written_whatever_the_version(void **state)
{
    struct fixture *f = *state;
    struct store_write one = write_of(f, first_id, 0, "one");

    run(f, &one, 1);
    ask(f, "FLUSHALL");
    struct store_write two = write_of(f, first_id, one.version, "two");

    run(f, &two, 1);
    assert_int_equal(two.result, STORE_WRITTEN);
}

static void an_addition_goes_behind_what_is_there(void **state)
{
    struct fixture *f = *state;
    struct store_write one = write_of(f, first_id, 0, "one");
    struct store_write two = write_of(f, first_id, 0, "two");
    struct store_write three = write_of(f, first_id, 0, "three");
    struct store_read read = {.id = first_id};

    run(f, &one, 1);
    two.base = three.base = one.version;
    two.is_addition = three.is_addition = true;
    two.ttl_ms = 3600000;
    run(f, &two, 1);
    assert_int_equal(two.result, STORE_WRITTEN);
    assert_int_equal(f->store->load(f->store, &read, 1, NULL), 0);
    unit_text("stored", read.state, "onetwo");
    assert_true(read.version == two.version);
    run(f, &three, 1);
    assert_int_equal(three.result, STORE_LOST);
    unit_text("found", three.found_state, "onetwo");
    assert_true(ttl_of(f, first_id) > 60000);
}

static void an_addition_to_what_is_gone_is_not_written(void **state)
{
    struct fixture *f = *state;
    struct store_write one = write_of(f, first_id, 7, "one");
    struct store_read read = {.id = first_id};

    one.is_addition = true;
    run(f, &one, 1);
    assert_int_equal(one.result, STORE_GONE);
    assert_int_equal(f->store->load(f->store, &read, 1, NULL), 0);
    assert_true(read.version == 0);
}

static void scripts_that_are_flushed_are_loaded_again(void **state)
{
    struct fixture *f = *state;
    struct store_write one = write_of(f, first_id, 0, "one");

    ask(f, "SCRIPT FLUSH");
    run(f, &one, 1);
    assert_int_equal(one.result, STORE_WRITTEN);
}

static void writes_that_are_begun_are_done_once_with_the_others(void **state)
{
    struct fixture *f = *state;
    struct store_write writes[] = {write_of(f, first_id, 0, "one"),
                                   write_of(f, other_id, 0, "two")};
    struct store_read read = {.id = first_id};
    struct store_write more = write_of(f, first_id, writes[0].version, "+");

    ask(f, "SCRIPT FLUSH");
    assert_int_equal(f->store->begin(f->store, writes, 1), 1);
    run(f, writes, 2);
    assert_true(writes[0].result == STORE_WRITTEN && writes[1].result == STORE_WRITTEN);
    more.is_addition = true;
    assert_int_equal(f->store->begin(f->store, &more, 1), 1);
    run(f, &more, 1);
    assert_int_equal(more.result, STORE_WRITTEN);
    assert_int_equal(f->store->load(f->store, &read, 1, NULL), 0);
    unit_text("first", read.state, "one+");
}

/* Timers. */

static void claim(struct fixture *f, int64_t now_ms, int64_t lease_ms)
{
    struct error err = {0};

    if (f->store->claim(f->store, now_ms, lease_ms, f->ids, COUNT_OF(f->ids), &f->claimed, &err) <
        0)
        fail_msg("%s", err.text);
}

static void set_timer(struct fixture *f, const char *id, int64_t due_ms)
{
    struct store_write one = write_of(f, id, 0, "x");
    struct store_read read = {.id = id};
    struct error err;

    f->store->load(f->store, &read, 1, &err);
    one.base = read.version;
    one.due_ms = due_ms;
    run(f, &one, 1);
    assert_int_equal(one.result, STORE_WRITTEN);
}

static void a_timer_rings_for_one_when_it_is_due(void **state)
{
    struct fixture *f = *state;

    set_timer(f, first_id, 1000);
    set_timer(f, other_id, 2000);
    claim(f, 999, 100);
    assert_int_equal(f->claimed, 0);
    claim(f, 1000, 100);
    assert_int_equal(f->claimed, 1);
    assert_string_equal(f->ids[0], first_id);
    claim(f, 1050, 100); /* somebody acts on it */
    assert_int_equal(f->claimed, 0);
}

static void a_timer_whose_state_says_never_is_gone(void **state)
{
    struct fixture *f = *state;

    set_timer(f, first_id, 1000);
    set_timer(f, first_id, STORE_NEVER);
    claim(f, 2000, 100);
    assert_int_equal(f->claimed, 0);
}

static void a_lease_that_ran_out_goes_to_the_next(void **state)
{
    struct fixture *f = *state;

    set_timer(f, first_id, 1000);
    claim(f, 1000, 100);
    claim(f, 1100, 100);
    assert_int_equal(f->claimed, 1);
    set_timer(f, first_id, STORE_NEVER); /* done */
    claim(f, 9000, 100);
    assert_int_equal(f->claimed, 0);
}

static void a_timer_that_is_kept_is_written_where_nothing_is_stored(void **state)
{
    struct fixture *f = *state;
    struct store_read read = {.id = first_id};
    struct store_write two = write_of(f, first_id, 0, "two");
    struct error err;

    set_timer(f, first_id, 1000);
    f->store->load(f->store, &read, 1, &err);
    two.base = read.version;
    two.due_ms = 1000;
    two.keeps_due = true;
    claim(f, 1000, 100);
    assert_int_equal(f->claimed, 1);
    run(f, &two, 1); /* the lease stays */
    claim(f, 1050, 100);
    assert_int_equal(f->claimed, 0);
    ask(f, "FLUSHALL");
    run(f, &two, 1);
    assert_int_equal(two.result, STORE_WRITTEN);
    claim(f, 1000, 100);
    assert_int_equal(f->claimed, 1);
}

static void an_addition_that_keeps_the_time_to_live_sets_none(void **state)
{
    struct fixture *f = *state;
    struct store_write one = write_of(f, first_id, 0, "one");
    struct store_write two = write_of(f, first_id, one.version, "two");

    two.is_addition = two.keeps_ttl = true;
    two.ttl_ms = 3600000;
    run(f, &one, 1);
    run(f, &two, 1);
    assert_int_equal(two.result, STORE_WRITTEN);
    assert_in_range(ttl_of(f, first_id), 1, 60000);
}

/* @count timers, of which @same have the same tag. */
static void set_many(struct fixture *f, int count, int same)
{
    for (int i = 0; i < count; i++) {
        char id[GROUP_ID_SIZE];

        snprintf(id, sizeof(id), "%02x%030d", (unsigned)(i < same ? 7 : i % 256), i);
        set_timer(f, id, 1000 + i);
    }
}

static void all_that_is_due_is_found_and_no_more_than_asked_for(void **state)
{
    static const struct {
        const char *label;
        int count, same;
        size_t most, first, second;
    } rows[] = {
        {"one tag has more than its share", 300, 300, 1000, 300, 0},
        {"fewer wanted than there are", 300, 200, 250, 250, 50},
        {"fewer wanted than tags", 300, 0, 10, 10, 10},
        {"none is there", 0, 0, 10, 0, 0},
        {"one is wanted", 3, 3, 1, 1, 1},
    };
    struct fixture *f = *state;
    struct error err;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ask(f, "FLUSHALL");
        set_many(f, rows[i].count, rows[i].same);
        for (int round = 0; round < 2; round++) {
            size_t want = round == 0 ? rows[i].first : rows[i].second;

            f->store->claim(f->store, 5000, 1000, f->ids, rows[i].most, &f->claimed, &err);
            if (f->claimed != want)
                fail_msg("%s, round %d: %zu, not %zu", rows[i].label, round, f->claimed, want);
        }
    }
}

static void a_timer_of_which_nothing_is_stored_is_forgotten(void **state)
{
    struct fixture *f = *state;
    const char *const ids[] = {first_id, other_id};
    struct error err;

    set_timer(f, first_id, 1000);
    set_timer(f, other_id, 1000);
    ask(f, "DEL haechi:{b0a}:6d7e3f2b1c4d5e6f708192a3b4c5d6");
    assert_int_equal(f->store->forget(f->store, ids, 2, &err), 0);
    claim(f, 2000, 100);
    assert_int_equal(f->claimed, 1);
    assert_string_equal(f->ids[0], other_id);
}

/* Recent events. */

static void add_recent(struct fixture *f, int from, int count, int64_t step_ms)
{
    struct store_recent events[300];
    char ids[300][40];
    struct store_read read = {.id = first_id};
    struct error err;

    for (int i = 0; i < count; i++) {
        snprintf(ids[i], sizeof(ids[i]), "%032d", from + i);
        events[i] = (struct store_recent){text_of(ids[i]), (from + i) * step_ms};
    }
    f->store->load(f->store, &read, 1, &err);
    struct store_write one = write_of(f, first_id, read.version, "x");

    one.recents = events;
    one.recent_count = (size_t)count;
    run(f, &one, 1);
}

static void expect_recent(struct fixture *f, const char *first, int count)
{
    redisReply *const *replies =
        ask(f, "ZRANGE haechi:{b0a}:recent:0a6d7e3f2b1c4d5e6f708192a3b4c5d6 0 -1");

    assert_int_equal(replies[0]->elements, count);
    assert_string_equal(replies[0]->element[0]->str, first);
    replies = ask(f, "OBJECT ENCODING haechi:{b0a}:recent:0a6d7e3f2b1c4d5e6f708192a3b4c5d6");
    assert_string_equal(replies[0]->str, "listpack");
}

static void the_newest_128_events_of_a_quarter_of_an_hour_stay(void **state)
{
    struct fixture *f = *state;

    add_recent(f, 0, 100, 1000);
    expect_recent(f, "00000000000000000000000000000000", 100);
    add_recent(f, 0, 100, 1000); /* again: no matter */
    expect_recent(f, "00000000000000000000000000000000", 100);
    add_recent(f, 100, 60, 1000);
    expect_recent(f, "00000000000000000000000000000032", 128);
    add_recent(f, 0, 30, 1000); /* older than all */
    expect_recent(f, "00000000000000000000000000000032", 128);
    add_recent(f, 200, 300, 1000);
    expect_recent(f, "00000000000000000000000000000372", 128);
    add_recent(f, 1280, 1, 1000); /* 900 s after number 380, which stays */
    expect_recent(f, "00000000000000000000000000000380", 121);
}

static void events_out_of_order_find_their_place_among_the_newest_128(void **state)
{
    static const struct {
        const char *label;
        int from, count; /* each 10 ms behind the one before */
        const char *first;
    } rows[] = {
        {"a full set", 1000, 128, "00000000000000000000000000001000"},
        {"some that are there, some that are new", 1100, 40, "00000000000000000000000000001012"},
        {"one that is there", 1050, 1, "00000000000000000000000000001012"},
        {"older and newer than all", 1005, 10, "00000000000000000000000000001012"},
        {"all of them again", 1012, 128, "00000000000000000000000000001012"},
    };
    struct fixture *f = *state;
    struct store_recent between = {TEXT("between"), 10705};
    struct store_write one = write_of(f, other_id, 0, "");

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        add_recent(f, rows[i].from, rows[i].count, 10);
        expect_recent(f, rows[i].first, 128);
    }
    one.id = first_id;
    one.recents = &between;
    one.recent_count = 1;
    run(f, &one, 1);
    expect_recent(f, "00000000000000000000000000001013", 128);
}

static void what_is_too_old_goes_when_it_comes_too(void **state)
{
    struct fixture *f = *state;

    add_recent(f, 2000, 10, 1000);
    add_recent(f, 1, 2, 1000);
    expect_recent(f, "00000000000000000000000000002000", 10);
}

static void a_server_that_evicts_is_refused(void **state)
{
    struct fixture *f = *state;
    struct error err;

    assert_int_equal(redis_store_check(f->redis_store, &err), 0);
    ask(f, "CONFIG SET maxmemory-policy allkeys-lru");
    assert_true(redis_store_check(f->redis_store, &err) < 0);
    assert_int_equal(err.class, ERROR_CONFIG);
    assert_non_null(strstr(err.text, "allkeys-lru"));
    ask(f, "CONFIG SET maxmemory-policy noeviction");
}

static void a_full_server_is_waited_for(void **state)
{
    struct fixture *f = *state;
    struct store_write one = write_of(f, first_id, 0, "one");
    struct error err;

    ask(f, "CONFIG SET maxmemory 1");
    assert_true(f->store->commit(f->store, &one, 1, &err) < 0);
    assert_int_equal(err.class, ERROR_RETRY);
    assert_non_null(strstr(err.text, "OOM"));
    ask(f, "CONFIG SET maxmemory 0");
    run(f, &one, 1);
}

static void replicas_that_are_missing_are_waited_for(void **state)
{
    struct fixture *f = *state;
    struct redis_store *careful = redis_store_open(
        f->redis, &(struct redis_store_settings){.wait_replicas = 1, .wait_ms = 10});
    struct store *store = redis_store_interface(careful);
    struct store_write one = write_of(f, first_id, 0, "one");
    struct error err;

    assert_true(store->commit(store, &one, 1, &err) < 0);
    assert_int_equal(err.class, ERROR_RETRY);
    assert_non_null(strstr(err.text, "redis.wait_replicas is 1"));
    redis_store_close(careful);
}

static void recent_events_may_be_written_alone(void **state)
{
    struct fixture *f = *state;
    struct store_recent event = {TEXT("e"), 1000};
    struct store_write one = write_of(f, first_id, 0, "");

    one.recents = &event;
    one.recent_count = 1;
    run(f, &one, 1);
    assert_int_equal(one.result, STORE_WRITTEN);
    assert_int_equal(ask(f, "EXISTS haechi:{b0a}:6d7e3f2b1c4d5e6f708192a3b4c5d6")[0]->integer, 0);
    expect_recent(f, "e", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(who_starts_from_what_is_there_writes_and_others_get_it, empty),
        cmocka_unit_test_setup(a_state_that_is_gone_is_written_whatever_the_version, empty),
        cmocka_unit_test_setup(an_addition_goes_behind_what_is_there, empty),
        cmocka_unit_test_setup(an_addition_to_what_is_gone_is_not_written, empty),
        cmocka_unit_test_setup(scripts_that_are_flushed_are_loaded_again, empty),
        cmocka_unit_test_setup(writes_that_are_begun_are_done_once_with_the_others, empty),
        cmocka_unit_test_setup(a_timer_rings_for_one_when_it_is_due, empty),
        cmocka_unit_test_setup(a_timer_whose_state_says_never_is_gone, empty),
        cmocka_unit_test_setup(a_lease_that_ran_out_goes_to_the_next, empty),
        cmocka_unit_test_setup(a_timer_that_is_kept_is_written_where_nothing_is_stored, empty),
        cmocka_unit_test_setup(an_addition_that_keeps_the_time_to_live_sets_none, empty),
        cmocka_unit_test_setup(all_that_is_due_is_found_and_no_more_than_asked_for, empty),
        cmocka_unit_test_setup(a_timer_of_which_nothing_is_stored_is_forgotten, empty),
        cmocka_unit_test_setup(recent_events_may_be_written_alone, empty),
        cmocka_unit_test_setup(the_newest_128_events_of_a_quarter_of_an_hour_stay, empty),
        cmocka_unit_test_setup(events_out_of_order_find_their_place_among_the_newest_128, empty),
        cmocka_unit_test_setup(what_is_too_old_goes_when_it_comes_too, empty),
        cmocka_unit_test_setup(a_server_that_evicts_is_refused, empty),
        cmocka_unit_test_setup(a_full_server_is_waited_for, empty),
        cmocka_unit_test_setup(replicas_that_are_missing_are_waited_for, empty),
    };

    if (!redis_server_is_installed())
        return 0;
    return unit_end(cmocka_run_group_tests_name("redis_store", tests, begin, end));
}
