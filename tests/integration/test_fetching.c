#include "unit.h"

#include "io/fetching.h"

enum { MANY = 1000 };

static struct fetching some(void)
{
    return (struct fetching){.is_needed = true, .messages_limit = 1000, .bytes_limit = 8000};
}

static void a_queue_that_was_full_is_due_once_when_half_empty(void **state)
{
    static const struct {
        const char *name;
        size_t size, full, low;
    } rows[] = {
        {"many small messages", 1, 800, 499},
        {"few large messages", 100, 70, 39},
        {"overfull", 1000, MANY, 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fetching fetching = some();

        if (fetching_is_due(&fetching, rows[i].full, 1, rows[i].size))
            fail_msg("%s: due while it is full", rows[i].name);
        if (fetching_is_due(&fetching, rows[i].low + 1, 1, rows[i].size))
            fail_msg("%s: due too early", rows[i].name);
        if (!fetching_is_due(&fetching, rows[i].low, 1, rows[i].size))
            fail_msg("%s: not due", rows[i].name);
        if (fetching_is_due(&fetching, rows[i].low - 1, 1, rows[i].size))
            fail_msg("%s: due twice", rows[i].name);
    }
}

static void a_queue_that_was_never_full_is_never_due(void **state)
{
    struct fetching fetching = some();

    (void)state;
    for (size_t queued = 700; queued-- > 0;)
        assert_false(fetching_is_due(&fetching, queued, 1, 1));
}

static void one_take_may_empty_a_queue_that_was_full(void **state)
{
    struct fetching fetching = some();

    (void)state;
    assert_true(fetching_is_due(&fetching, 400, 400, 1));
    assert_false(fetching_is_due(&fetching, 0, 400, 1));
}

/* The bounds are those that the user set; where librdkafka has a property of its own for the pause,
 * nothing is asked. */
static void bounds_are_the_consumers(void **state)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    struct fetching fetching;
    size_t size;

    (void)state;
    rd_kafka_conf_set(conf, "queued.min.messages", "123", NULL, 0);
    rd_kafka_conf_set(conf, "queued.max.messages.kbytes", "456", NULL, 0);
    fetching_init(&fetching, conf);
    assert_int_equal(fetching.messages_limit, 123);
    assert_int_equal(fetching.bytes_limit, 456 * 1024);
    assert_int_equal(fetching.is_needed, rd_kafka_conf_get(conf, "fetch.queue.backoff.ms", NULL,
                                                           &size) == RD_KAFKA_CONF_UNKNOWN);
    rd_kafka_conf_destroy(conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queue_that_was_full_is_due_once_when_half_empty),
        cmocka_unit_test(a_queue_that_was_never_full_is_never_due),
        cmocka_unit_test(one_take_may_empty_a_queue_that_was_full),
        cmocka_unit_test(bounds_are_the_consumers),
    };

    return unit_end(cmocka_run_group_tests(tests, NULL, NULL));
}
