/* The worker's skeleton around a service that does as each message says: "echo …" is produced,
 * "nothing …" is passed over, "reject …" is refused, "retry …" lets its batch be handled again
 * twice, "large …" makes an output that no broker takes. */
#include <errno.h>

#include "io/shared_settings.h"
#include "io/worker.h"
#include "mock_kafka.h"
#include "worker_process.h"

/* The service. */

struct echo {
    struct worker_topic *output;
    int tries;
};

static void *echo_open(struct worker *worker, const void *config, struct error *err)
{
    static const char *const topics[] = {"logs", "^more-.*"};
    struct echo *echo = mem_zero(sizeof(*echo));

    (void)config, (void)err;
    echo->output = worker_topic(worker, worker_topics(worker)->detected_events);
    worker_subscribe(worker, topics, COUNT_OF(topics));
    return echo;
}

static bool must_wait(struct echo *echo, const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (text_starts(batch->messages[i].value, TEXT("retry")) && echo->tries++ < 2)
            return true;
    }
    return false;
}

static void echo_message(struct echo *echo, struct batch *batch, size_t i)
{
    const struct message *message = &batch->messages[i];
    const struct header headers[] = {{"origin", worker_header(batch, i, "origin")}};
    struct output output = {echo->output, message->key, message->value, headers, 1};

    if (text_starts(message->value, TEXT("reject"))) {
        worker_reject(batch, i, "invalid", "it says so itself");
    } else if (text_starts(message->value, TEXT("large"))) {
        char *bytes = arena_zero(batch->arena, 5 << 20);

        output.value = (struct text){bytes, 5 << 20};
        worker_produce(batch, i, &output);
    } else if (!text_starts(message->value, TEXT("nothing"))) {
        worker_produce(batch, i, &output);
    }
}

static enum batch_outcome echo_handle(void *self, struct batch *batch, struct error *err)
{
    if (must_wait(self, batch)) {
        error_set_class(err, ERROR_RETRY, -EAGAIN, "something is away");
        return BATCH_RETRY;
    }
    for (size_t i = 0; i < batch->count; i++)
        echo_message(self, batch, i);
    return BATCH_DONE;
}

static int echo_main(int argc, char **argv)
{
    static const struct setting none[] = {{0}};
    static const struct worker_ops echo = {
        .name = "echo",
        .summary = "Does as it is told.",
        .settings = none,
        .default_port = 9499,
        .open = echo_open,
        .handle = echo_handle,
        .close = free,
    };

    return worker_main(argc, argv, &echo);
}

/* What the tests share: one mock cluster, a group and a topic of output for each. */

static struct mock_kafka mock;

static void settings(struct buf *yaml, const char *test, const char *more_properties)
{
    buf_addf(yaml,
             "kafka:\n"
             "  bootstrap_servers: '%s'\n"
             "  properties: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, "
             "fetch.wait.max.ms: 20%s}\n"
             "topics: {detected_events: %s-out, dead_letters: %s-dead}\n"
             "echo: {group: %s, metrics: {address: 127.0.0.1, port: 0}}\n",
             mock.bootstrap, more_properties, test, test, test);
}

static void make_topics(const char *test)
{
    AUTO_BUF name = {0};

    buf_addf(&name, "%s-out", test);
    rd_kafka_mock_topic_create(mock.cluster, buf_string(&name), 1, 1);
    buf_reset(&name);
    buf_addf(&name, "%s-dead", test);
    rd_kafka_mock_topic_create(mock.cluster, buf_string(&name), 1, 1);
}

static void send_many(const char *topic, const char *kind, int count)
{
    for (int i = 0; i < count; i++) {
        char value[64];

        snprintf(value, sizeof(value), "%s %06d", kind, i);
        mock_kafka_send(&mock, topic, value);
    }
    mock_kafka_flush(&mock);
}

/* Reads @topic until each of "<kind> 000000" to "<kind> <count - 1>" has come; returns how many
 * came twice. */
static int expect_all(const char *topic, const char *kind, int count)
{
    rd_kafka_t *reader = mock_kafka_reader(&mock, topic);
    int64_t until_us = clock_monotonic_us() + WAIT_MS * 1000;
    char *seen = mem_zero((size_t)count);
    size_t prefix = strlen(kind) + 1;
    int missing = count, doubles = 0;

    while (missing > 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, 100);

        if (clock_monotonic_us() > until_us)
            fail_msg("%s: %d of '%s' are missing", topic, missing, kind);
        if (message && !message->err && message->len == prefix + 6) {
            int number = (int)strtol((const char *)message->payload + prefix, NULL, 10);

            assert_memory_equal(message->payload, kind, prefix - 1);
            missing -= !seen[number];
            doubles += seen[number];
            seen[number] = 1;
        }
        if (message)
            rd_kafka_message_destroy(message);
    }
    free(seen);
    mock_kafka_reader_close(reader);
    return doubles;
}

struct wanted {
    const char *header;
    const char *value;
};

static void expect_headers(const rd_kafka_message_t *message, const struct wanted *wanted)
{
    rd_kafka_headers_t *headers = NULL;

    assert_int_equal(message->err, 0);
    assert_int_equal(rd_kafka_message_headers(message, &headers), 0);
    for (; wanted->header; wanted++) {
        struct text got = {NULL, 0};
        const void *bytes = NULL;

        rd_kafka_header_get_last(headers, wanted->header, &bytes, &got.size);
        got.bytes = bytes;
        unit_text(wanted->header, got, wanted->value);
    }
}

/* Of the first message of @topic. */
static void expect_first(const char *topic, const char *value, const struct wanted *headers)
{
    rd_kafka_t *reader = mock_kafka_reader(&mock, topic);
    int64_t until_us = clock_monotonic_us() + WAIT_MS * 1000;
    rd_kafka_message_t *message = NULL;

    while (!message && clock_monotonic_us() < until_us)
        message = rd_kafka_consumer_poll(reader, 100);
    assert_non_null(message);
    unit_text(topic, (struct text){message->payload, message->len}, value);
    expect_headers(message, headers);
    rd_kafka_message_destroy(message);
    mock_kafka_reader_close(reader);
}

static double outcome(const struct worker_process *worker, const char *name)
{
    char series[80];

    snprintf(series, sizeof(series), "haechi_echo_logs_total{outcome=\"%s\"}", name);
    return worker_process_metric(worker, series);
}

/* Tests. */

static void every_message_is_accounted_for_and_its_offset_committed(void **state)
{
    AUTO_BUF yaml = {0};
    struct worker_process worker;

    (void)state;
    make_topics("account");
    send_many("logs", "echo", 2000);
    send_many("logs", "nothing", 1000);
    send_many("logs", "reject", 10);
    send_many("logs", "large", 3);
    send_many("logs", "retry", 1);
    settings(&yaml, "account", "");
    worker_process_start(&worker, buf_string(&yaml));
    worker_process_expect_metric(&worker, "haechi_echo_logs_consumed_total", 3014);
    worker_process_expect_metric(&worker, "haechi_echo_logs_in_flight", 0);
    worker_process_expect_ready(&worker, 200, "\"ready\":true");
    assert_true(outcome(&worker, "produced") == 2001);
    assert_true(outcome(&worker, "nothing") == 1000);
    assert_true(outcome(&worker, "dead_lettered") == 13);
    assert_true(outcome(&worker, "given_back") == 0);
    assert_true(worker_process_metric(
                    &worker, "haechi_echo_dead_letters_total{reason=\"broker_refused\"}") == 3);
    assert_true(worker_process_metric(&worker, "haechi_echo_batch_retries_total") == 2);
    assert_int_equal(worker_process_stop(&worker), 0);
    assert_int_equal(expect_all("account-out", "echo", 2000), 0);
    assert_int_equal(mock_kafka_committed(&mock, "account", "logs", 4), 3014);
}

static void a_dead_letter_is_whole_and_says_why(void **state)
{
    static const struct wanted wanted[] = {
        {"origin", "test"},           {"haechi.reason", "invalid"},
        {"haechi.service", "echo"},   {"haechi.error", "it says so itself"},
        {"haechi.topic", "more-bad"}, {"haechi.partition", "0"},
        {"haechi.offset", "0"},       {NULL, NULL},
    };
    AUTO_BUF yaml = {0};
    struct worker_process worker;

    (void)state;
    make_topics("letter");
    rd_kafka_mock_topic_create(mock.cluster, "more-bad", 1, 1);
    send_many("more-bad", "reject", 1);
    settings(&yaml, "letter", "");
    worker_process_start(&worker, buf_string(&yaml));
    expect_first("letter-dead", "reject 000000", wanted);
    assert_int_equal(worker_process_stop(&worker), 0);
}

static int start_mock(void **state)
{
    (void)state;
    mock_kafka_start(&mock);
    rd_kafka_mock_topic_create(mock.cluster, "logs", 4, 1);
    return 0;
}

static int stop_mock(void **state)
{
    (void)state;
    mock_kafka_stop(&mock);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_accounted_for_and_its_offset_committed),
        cmocka_unit_test(a_dead_letter_is_whole_and_says_why),
    };

    if (argc > 1 && strcmp(argv[1], "--service") == 0)
        return echo_main(argc - 1, argv + 1);
    return cmocka_run_group_tests(tests, start_mock, stop_mock);
}
