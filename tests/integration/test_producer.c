#include "mock_kafka.h"

#include "io/producer.h"
#include "io/worker_topic.h"

static void what_waits_goes_when_nothing_is_under_way_or_it_is_much_or_old(void **state)
{
    static struct kept one;
    static const struct {
        const char *name;
        size_t waiting, with_kafka;
        int64_t answer_us, handed_us, now_us;
        bool is_behind, is_due;
    } rows[] = {
        {"nothing waits", 0, 0, 0, 0, 1000000, false, false},
        {"nothing is under way", 1, 0, 0, 1000000, 1000000, false, true},
        {"something is under way", 1, 1, 0, 1000000, 1000000, false, false},
        {"not much waits", 9999, 1, 0, 1000000, 1049999, false, false},
        {"much waits", 10000, 1, 0, 1000000, 1000000, false, true},
        {"it waits for long", 1, 1, 0, 1000000, 1050000, false, true},
        {"answers take long", 1, 1, 90000, 1000000, 1179999, false, false},
        {"longer than they use to", 1, 1, 90000, 1000000, 1180000, false, true},
        {"there is a limit", 1, 1, 9000000, 1000000, 2000000, false, true},
        {"behind, a moment ago others went", 1, 0, 0, 1000000, 1009999, true, false},
        {"behind, no others went in this moment", 1, 0, 0, 1000000, 1010000, true, true},
        {"behind, and much waits", 10000, 0, 0, 1000000, 1000000, true, true},
        {"behind, and something is under way", 1, 1, 0, 1000000, 1049999, true, false},
        {"behind, and it waits for long", 1, 1, 0, 1000000, 1050000, true, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct worker_topic topic = {
            .waiting = {rows[i].waiting ? &one : NULL, rows[i].waiting ? &one : NULL},
            .waiting_count = rows[i].waiting,
            .with_kafka = rows[i].with_kafka,
            .handed_us = rows[i].handed_us,
            .answer_us = rows[i].answer_us};

        if (worker_topic_is_due(&topic, rows[i].now_us, rows[i].is_behind) != rows[i].is_due)
            fail_msg("%s: %s", rows[i].name, rows[i].is_due ? "not due" : "due");
    }
}

/* A producer between a mock cluster and the ledger. */
struct fixture {
    struct mock_kafka mock;
    struct kafka_settings kafka;
    struct metrics *metrics;
    struct conditions *conditions;
    struct ledger ledger;
    struct producer *producer;
    uint64_t settled; /* how many receipts have come, each in its turn */
};

static void start(struct fixture *f)
{
    struct error err = {0};

    mock_kafka_start(&f->mock);
    f->kafka = (struct kafka_settings){.bootstrap_servers = f->mock.bootstrap};
    f->metrics = metrics_new();
    f->conditions = conditions_new();
    ledger_init(&f->ledger, f->metrics, "test");
    f->producer = producer_open(&(struct producer_settings){.kafka = &f->kafka,
                                                            .service = "test",
                                                            .dead_letters = "dead",
                                                            .ledger = &f->ledger,
                                                            .conditions = f->conditions},
                                &err);
    if (!f->producer)
        fail_msg("%s", err.text);
}

static void stop(struct fixture *f)
{
    producer_close(f->producer);
    conditions_free(f->conditions);
    metrics_free(f->metrics);
    mock_kafka_stop(&f->mock);
}

static void on_settled(void *self, uint64_t number, bool is_safe)
{
    struct fixture *f = self;

    assert_true(is_safe);
    assert_int_equal(number, f->settled);
    f->settled++;
}

static void give(struct fixture *f, struct worker_topic *topic, uint64_t number)
{
    char value[24];
    const struct receipt receipt = {on_settled, f, number};

    snprintf(value, sizeof(value), "%d", (int)number);
    const struct output output = {.topic = topic, .key = TEXT("key"), .value = text_of(value)};

    while (!producer_send_alone(f->producer, &output, &receipt))
        producer_serve(f->producer, 10);
}

static void assert_read(struct fixture *f, const char *topic, int count)
{
    rd_kafka_t *reader = mock_kafka_reader(&f->mock, topic);

    for (int next = 0; next < count;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, UNIT_LIMIT_MS);
        char want[24];

        assert_non_null(message);
        snprintf(want, sizeof(want), "%d", next);
        if (!message->err) {
            assert_int_equal(message->len, strlen(want));
            assert_memory_equal(message->payload, want, strlen(want));
            next++;
        }
        rd_kafka_message_destroy(message);
    }
    mock_kafka_reader_close(reader);
}

/* By ones, by hundreds and by more than is held back, while answers take their time. */
static void all_arrive_in_order_however_they_come(void **state)
{
    static const int bursts[] = {1, 1, 1, 300, 1, 2500, 7, 1, 1, 100};
    struct fixture f = {0};
    uint64_t sent = 0;

    (void)state;
    start(&f);
    rd_kafka_mock_topic_create(f.mock.cluster, "out", 1, 1);
    struct worker_topic *topic = producer_topic(f.producer, "out");

    rd_kafka_mock_broker_set_rtt(f.mock.cluster, 1, 20);
    for (size_t i = 0; i < COUNT_OF(bursts); i++) {
        for (int k = 0; k < bursts[i]; k++)
            give(&f, topic, sent++);
        assert_true(producer_is_waiting(f.producer));
        producer_serve(f.producer, 5);
    }
    while (producer_in_flight(f.producer) > 0)
        producer_serve(f.producer, 20);
    assert_false(producer_is_waiting(f.producer));
    assert_int_equal(f.settled, sent);
    rd_kafka_mock_broker_set_rtt(f.mock.cluster, 1, 0);
    assert_read(&f, "out", (int)sent);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_goes_when_nothing_is_under_way_or_it_is_much_or_old),
        cmocka_unit_test(all_arrive_in_order_however_they_come),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
