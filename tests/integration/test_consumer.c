/* A consumer whose seeks fail: librdkafka does as if it had not its partitions. */
#include "mock_kafka.h"

#include <poll.h>

#include "io/clock.h"
#include "io/consumer_parts.h"

enum {
    RECORDS = 20,
    HELD = 7,           /* offset */
    TRIES_IN_VAIN = 20, /* after which a partition is placed anew (assignment.c) */
};

struct fixture {
    struct mock_kafka mock;
    struct kafka_settings kafka;
    struct metrics *metrics;
    struct conditions *conditions;
    struct ledger ledger;
    struct consumer *consumer;
};

static void leaving(void *self)
{
    (void)self;
}

static struct consumer *opened(struct fixture *f)
{
    static const char *topics[] = {"in"};
    struct error err = {0};
    struct consumer *consumer =
        consumer_open(&(struct consumer_settings){.kafka = &f->kafka,
                                                  .group = "group",
                                                  .start_at = START_EARLIEST,
                                                  .topics = {topics, 1},
                                                  .ledger = &f->ledger,
                                                  .conditions = f->conditions,
                                                  .leaving = leaving},
                      &err);

    if (!consumer)
        fail_msg("%s", err.text);
    return consumer;
}

static void start(struct fixture *f)
{
    mock_kafka_start(&f->mock);
    rd_kafka_mock_topic_create(f->mock.cluster, "in", 1, 1);
    for (int i = 0; i < RECORDS; i++)
        mock_kafka_send(&f->mock, "in", "log");
    mock_kafka_flush(&f->mock);
    f->kafka = (struct kafka_settings){.bootstrap_servers = f->mock.bootstrap};
    f->metrics = metrics_new();
    f->conditions = conditions_new();
    ledger_init(&f->ledger, f->metrics, "test");
    f->consumer = opened(f);
}

static void stop(struct fixture *f)
{
    consumer_close(f->consumer);
    conditions_free(f->conditions);
    metrics_free(f->metrics);
    mock_kafka_stop(&f->mock);
}

/* Takes messages one by one, which must be those from @first to @last; the last is held, or settled
 * as the others are. */
static void read_on(struct fixture *f, int64_t first, int64_t last, bool is_held)
{
    int64_t until_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);

    while (first <= last) {
        rd_kafka_message_t *message;

        assert_true(clock_monotonic_us() < until_us);
        consumer_tick(f->consumer);
        if (consumer_collect(f->consumer, &message, 1, 100) == 0)
            continue;
        assert_int_equal(message->offset, first);
        if (first == last && is_held)
            consumer_hold(f->consumer, message);
        else
            assert_true(settlement_settle(consumer_take(f->consumer, message, 1), 1));
        rd_kafka_message_destroy(message);
        first++;
    }
    consumer_store(f->consumer); /* what is settled and stored is not read again */
}

static struct partition *only_partition(struct fixture *f)
{
    uint64_t generation;
    struct assignment *assignment = consumer_assignment(f->consumer, &generation);

    assert_int_equal(assignment_count(assignment), 1);
    return assignment_at(assignment, 0);
}

static void a_partition_that_cannot_be_let_go_stays_held_until_it_can(void **state)
{
    struct fixture f = {0};

    (void)state;
    start(&f);
    read_on(&f, 0, HELD, true);
    struct partition *partition = only_partition(&f);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

    rd_kafka_assign(f.consumer->kafka, NULL);
    for (int i = 0; i < 3; i++) {
        assert_false(consumer_let_go(f.consumer, partition));
        assert_true(partition->is_held);
    }
    rd_kafka_topic_partition_list_add(list, "in", 0)->offset = 0;
    rd_kafka_assign(f.consumer->kafka, list);
    rd_kafka_topic_partition_list_destroy(list);
    while (!consumer_let_go(f.consumer, partition)) {
        partition->failed = 0; /* how long librdkafka takes is no matter here */
        poll(NULL, 0, 10);
    }
    assert_false(partition->is_misplaced);
    read_on(&f, HELD, RECORDS - 1, false);
    stop(&f);
}

static void one_that_can_never_be_let_go_is_placed_anew(void **state)
{
    struct fixture f = {0};

    (void)state;
    start(&f);
    read_on(&f, 0, HELD, true);
    struct partition *partition = only_partition(&f);

    rd_kafka_assign(f.consumer->kafka, NULL);
    for (int i = 1; i < TRIES_IN_VAIN; i++)
        assert_false(consumer_let_go(f.consumer, partition));
    assert_true(consumer_let_go(f.consumer, partition));
    assert_true(partition->is_misplaced);
    read_on(&f, HELD, RECORDS - 1, false);
    stop(&f);
}

/* As after a stall, or where a rebalance came amid what was taken. */
static void what_cannot_be_rewound_is_placed_anew(void **state)
{
    struct fixture f = {0};

    (void)state;
    start(&f);
    read_on(&f, 0, HELD, false);
    rd_kafka_assign(f.consumer->kafka, NULL);
    consumer_rewind(f.consumer);
    assert_true(only_partition(&f)->is_misplaced);
    read_on(&f, HELD + 1, RECORDS - 1, false);
    stop(&f);
}

UNIT_MAIN(cmocka_unit_test(a_partition_that_cannot_be_let_go_stays_held_until_it_can),
          cmocka_unit_test(one_that_can_never_be_let_go_is_placed_anew),
          cmocka_unit_test(what_cannot_be_rewound_is_placed_anew))
