#include "redis_server.h"

#include <errno.h>

#include "io/clock.h"
#include "io/redis.h"

struct fixture {
    struct redis_server server;
    struct redis_settings settings;
    struct redis *redis;
    redisReply *const *replies;
    size_t count;
    struct error err;
};

static int begin(void **state)
{
    struct fixture *f = mem_zero(sizeof(*f));

    signal(SIGPIPE, SIG_IGN);
    redis_server_start(&f->server, NULL, NULL);
    f->settings = (struct redis_settings){
        .host = "127.0.0.1", .port = f->server.port, .timeout_ms = UNIT_LIMIT_MS};
    f->redis = redis_open(&f->settings, NULL, "test");
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    redis_close(f->redis);
    redis_server_stop(&f->server);
    free(f);
    return 0;
}

/* One command of words parted by blanks. */
static void ask(struct fixture *f, const char *command)
{
    struct text words[8], rest = text_of(command);
    size_t count = 0;

    while (count < COUNT_OF(words) && text_split(&rest, ' ', &words[count]))
        count++;
    redis_ask(f->redis, words, count);
}

static int run(struct fixture *f)
{
    return redis_run(f->redis, &f->replies, &f->count, &f->err);
}

static void must_run(struct fixture *f)
{
    if (run(f) < 0)
        fail_msg("%s", f->err.text);
}

/* Asks for a PING until one comes back. */
static void must_recover(struct fixture *f)
{
    int64_t limit_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);

    while (run(f) < 0) {
        assert_true(clock_monotonic_us() < limit_us);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void replies_come_in_the_order_of_the_questions(void **state)
{
    struct fixture *f = *state;

    for (int round = 0; round < 2; round++) {
        ask(f, "SET a 1");
        ask(f, "INCR a");
        ask(f, "GET nothing");
        ask(f, "LPUSH a wrong");
        ask(f, "GET a");
        must_run(f);
        assert_int_equal(f->count, 5);
        assert_int_equal(f->replies[1]->integer, 2);
        assert_int_equal(f->replies[2]->type, REDIS_REPLY_NIL);
        assert_int_equal(f->replies[3]->type, REDIS_REPLY_ERROR); /* is no failure of the run */
        assert_string_equal(f->replies[4]->str, "2");
    }
}

static void words_may_hold_any_byte(void **state)
{
    struct fixture *f = *state;
    const struct text words[] = {TEXT("ECHO"), TEXT("a\0b\r\nc d")};

    redis_ask(f->redis, words, 2);
    must_run(f);
    assert_int_equal(f->replies[0]->len, 8);
    assert_memory_equal(f->replies[0]->str, words[1].bytes, 8);
}

static void a_pipeline_may_be_larger_than_any_socket_buffer(void **state)
{
    struct fixture *f = *state;
    size_t size = 100000;
    char *large = mem_zero(size);
    const struct text words[] = {TEXT("ECHO"), {large, size}};

    memset(large, 'x', size);
    for (int i = 0; i < 300; i++)
        redis_ask(f->redis, words, 2);
    must_run(f);
    assert_int_equal(f->count, 300);
    assert_int_equal(f->replies[299]->len, size);
    free(large);
}

static void a_restarted_server_is_found_again(void **state)
{
    struct fixture *f = *state;

    ask(f, "SET a 1");
    must_run(f);
    redis_server_stop(&f->server);
    ask(f, "GET a");
    assert_true(run(f) < 0);
    assert_int_equal(f->err.class, ERROR_RETRY);
    assert_true(text_find(text_of(f->err.text), TEXT("Connection refused")) < strlen(f->err.text));
    redis_server_start(&f->server, NULL, NULL);
    must_recover(f);
    assert_int_equal(f->count, 1); /* what was queued for the failed run is gone */
}

static void a_connection_closed_while_idle_is_no_failure(void **state)
{
    struct fixture *f = *state;

    ask(f, "PING");
    must_run(f);
    redis_server_stop(&f->server);
    redis_server_start(&f->server, NULL, NULL);
    ask(f, "PING");
    must_run(f);
}

/* Without the circuit each of these would connect; the back-off soon exceeds what they take. */
static void an_open_circuit_fails_without_the_network(void **state)
{
    struct fixture *f = *state;

    redis_server_stop(&f->server);
    for (int i = 0; i < 200000; i++)
        assert_true(run(f) < 0);
    assert_true(text_find(text_of(f->err.text), TEXT("Connection refused")) < strlen(f->err.text));
    redis_server_start(&f->server, NULL, NULL);
    must_recover(f);
}

static void what_was_pushed_is_answered_once_and_in_order(void **state)
{
    struct fixture *f = *state;
    struct redis_script *say = redis_script(f->redis, "return ARGV[1]");

    for (int round = 0; round < 3; round++) {
        redis_push(f->redis); /* nothing yet, and at first no connection */
        for (int i = 0; i < 1000; i++) {
            char number[16];

            snprintf(number, sizeof(number), "%d", i);
            redis_ask_script(f->redis, say, 0, &(const struct text){number, strlen(number)}, 1);
            if (i % 100 == 0)
                redis_push(f->redis);
        }
        must_run(f);
        assert_int_equal(f->count, 1000);
        for (int i = 0; i < 1000; i++) {
            int64_t number = -1;

            text_to_integer(text_of(f->replies[i]->str), &number);
            assert_int_equal(number, i);
        }
        ask(f, "SCRIPT FLUSH");
        must_run(f);
    }
}

/* Nobody knows what the server did. */
static void a_connection_that_breaks_behind_a_push_is_a_failure(void **state)
{
    struct fixture *f = *state;

    ask(f, "PING");
    must_run(f);
    ask(f, "PING");
    redis_push(f->redis);
    redis_server_stop(&f->server);
    ask(f, "PING");
    redis_push(f->redis);
    assert_true(run(f) < 0);
    redis_server_start(&f->server, NULL, NULL);
    must_recover(f);
    assert_int_equal(f->count, 1);
}

static void a_script_is_loaded_when_the_server_lacks_it(void **state)
{
    struct fixture *f = *state;
    struct redis_script *add =
        redis_script(f->redis, "return redis.call('INCRBY', KEYS[1], 0) + ARGV[1]");
    struct redis_script *say = redis_script(f->redis, "return 'said'");
    const struct text words[] = {TEXT("key"), TEXT("5")};

    for (int round = 0; round < 3; round++) {
        redis_ask_script(f->redis, add, 1, words, 2);
        redis_ask_script(f->redis, say, 0, NULL, 0);
        ask(f, "GET key");
        must_run(f);
        assert_int_equal(f->count, 3);
        assert_int_equal(f->replies[0]->integer, 5);
        assert_string_equal(f->replies[1]->str, "said");
        ask(f, "SCRIPT FLUSH");
        must_run(f);
    }
}

/* hiredis 0.14 forgets its time-out over a reconnect: the second stall must end too. */
static void a_stalled_server_costs_one_time_out_each_time(void **state)
{
    struct fixture *f = *state;

    f->settings.timeout_ms = 100;
    for (int round = 0; round < 2; round++) {
        must_recover(f);
        redis_server_freeze(&f->server);
        ask(f, "PING");
        assert_int_equal(run(f), -ETIMEDOUT);
        assert_int_equal(f->err.class, ERROR_RETRY);
        assert_true(text_ends(text_of(f->err.text), TEXT("no answer within 100 ms")));
        redis_server_thaw(&f->server);
    }
    must_recover(f);
}

static void a_late_reply_is_never_taken_for_the_next_one(void **state)
{
    struct fixture *f = *state;

    f->settings.timeout_ms = 100;
    must_recover(f);
    redis_server_freeze(&f->server);
    ask(f, "ECHO late");
    assert_true(run(f) < 0);
    redis_server_thaw(&f->server);
    do {
        ask(f, "ECHO mine");
    } while (run(f) < 0);
    assert_string_equal(f->replies[0]->str, "mine");
}

static void a_refused_password_is_for_the_operator(void **state)
{
    struct fixture *f = *state;

    ask(f, "CONFIG SET requirepass secret");
    must_run(f);
    redis_close(f->redis);
    f->redis = redis_open(&f->settings, NULL, "test");
    assert_true(run(f) < 0);
    assert_int_equal(f->err.class, ERROR_CONFIG); /* none given */
    redis_close(f->redis);
    f->settings.password = "wrong";
    f->redis = redis_open(&f->settings, NULL, "test");
    assert_true(run(f) < 0);
    assert_int_equal(f->err.class, ERROR_CONFIG);
    assert_true(text_find(text_of(f->err.text), TEXT("WRONGPASS")) < strlen(f->err.text));
    assert_true(text_find(text_of(f->err.text), TEXT("wrong")) == strlen(f->err.text));
    f->settings.password = "secret";
    f->settings.user = "default";
    f->settings.database = 3;
    must_recover(f);
}

static void a_database_that_is_not_there_is_said(void **state)
{
    struct fixture *f = *state;

    f->settings.database = 9999;
    assert_true(run(f) < 0);
    assert_int_equal(f->err.class, ERROR_CONFIG);
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(replies_come_in_the_order_of_the_questions),
        CASE(words_may_hold_any_byte),
        CASE(a_pipeline_may_be_larger_than_any_socket_buffer),
        CASE(a_restarted_server_is_found_again),
        CASE(a_connection_closed_while_idle_is_no_failure),
        CASE(an_open_circuit_fails_without_the_network),
        CASE(what_was_pushed_is_answered_once_and_in_order),
        CASE(a_connection_that_breaks_behind_a_push_is_a_failure),
        CASE(a_script_is_loaded_when_the_server_lacks_it),
        CASE(a_stalled_server_costs_one_time_out_each_time),
        CASE(a_late_reply_is_never_taken_for_the_next_one),
        CASE(a_refused_password_is_for_the_operator),
        CASE(a_database_that_is_not_there_is_said),
    };

    return redis_server_is_installed() ? unit_end(cmocka_run_group_tests(tests, NULL, NULL)) : 0;
}
