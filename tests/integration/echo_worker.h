/* echo_worker: a service that does as each message says, and what tests of the worker around it
 * share.
 *
 *   echo …      is produced            reject …   is refused
 *   nothing …   is passed over         retry …    lets its batch be handled again, twice
 *   announce …  lets tick() produce a record, once that of the one before is known to be safe
 *   later …     is put back, with what follows it, until the next tick; the second time echoed
 *   large …     makes an output that no broker takes
 *   away …      lets its batch be handled again for 8 s, and on while the file ECHO_AWAY is there
 *   hang …      never returns
 *
 * It does not begin while the file ECHO_OPENING is there.
 *
 * A test called "x" has the topics x-in, x-out and x-dead and the group x.
 */
#pragma once

#include <errno.h>

#include "io/shared_settings.h"
#include "io/worker.h"
#include "mock_kafka.h"
#include "worker_process.h"

/* The service. */

struct echo {
    struct worker *worker;
    bool put_back[100]; /* the messages "later 000000" to 99 */
    int announced, sent, heard;
    struct worker_topic *output;
    int tries;
    int64_t away_until_us;
};

static void *echo_open(struct worker *worker, const void *config, struct error *err)
{
    const struct text_list *topics = &worker_topics(worker)->raw_logs;
    struct echo *echo = mem_zero(sizeof(*echo));

    (void)config, (void)err;
    while (getenv("ECHO_OPENING") && access(getenv("ECHO_OPENING"), F_OK) == 0)
        poll(NULL, 0, 10);
    echo->worker = worker;
    echo->output = worker_topic(worker, worker_topics(worker)->detected_events);
    worker_subscribe(worker, topics->items, topics->count);
    return echo;
}

static bool is_away(struct echo *echo)
{
    if (!echo->away_until_us)
        echo->away_until_us = clock_monotonic_us() + 8 * 1000 * 1000;
    return clock_monotonic_us() < echo->away_until_us || access(getenv("ECHO_AWAY"), F_OK) == 0;
}

static bool must_wait(struct echo *echo, const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct text value = batch->messages[i].value;

        if (text_starts(value, TEXT("retry")) && echo->tries++ < 2)
            return true;
        if (text_starts(value, TEXT("away")) && is_away(echo))
            return true;
        while (text_starts(value, TEXT("hang")))
            pause();
    }
    return false;
}

/* Messages of one partition, and one batch of them at a time. */
static bool put_back(struct echo *echo, struct batch *batch, size_t i)
{
    struct text value = batch->messages[i].value;
    int64_t number = 0;

    if (!text_starts(value, TEXT("later")) ||
        !text_to_integer(text_slice(value, 6, value.size), &number) || echo->put_back[number])
        return false;
    echo->put_back[number] = true;
    worker_put_back(batch, i);
    return true;
}

static void echo_message(struct echo *echo, struct batch *batch, size_t i)
{
    const struct message *message = &batch->messages[i];
    const struct header headers[] = {{"origin", worker_header(batch, i, "origin")}};
    struct output output = {echo->output, message->key, message->value, headers, 1};

    if (text_starts(message->value, TEXT("reject"))) {
        worker_reject(batch, i, "invalid", "it says so itself");
    } else if (text_starts(message->value, TEXT("large"))) {
        output.value = (struct text){arena_zero(batch->arena, 5 << 20), 5 << 20};
        worker_produce(batch, i, &output);
    } else if (text_starts(message->value, TEXT("announce"))) {
        echo->announced++;
    } else if (!text_starts(message->value, TEXT("nothing"))) {
        worker_produce(batch, i, &output);
    }
}

static void echo_hear(void *self, uint64_t number, bool is_safe)
{
    struct echo *echo = self;

    if (is_safe && number == (uint64_t)echo->heard)
        echo->heard++;
}

static void echo_let_go(struct echo *echo)
{
    const struct standing *standings;
    uint64_t generation;
    size_t count = worker_standings(echo->worker, &standings, &generation);

    for (size_t i = 0; i < count; i++) {
        if (standings[i].is_held)
            worker_let_go(echo->worker, i);
    }
}

/* "announced 000000", and the next when that is known to be safe. */
static void echo_tick(void *self, int64_t now_ms)
{
    struct echo *echo = self;
    struct receipt receipt = {echo_hear, echo, (uint64_t)echo->sent};
    char value[32];

    (void)now_ms;
    echo_let_go(echo);
    if (echo->sent == echo->announced || echo->heard < echo->sent)
        return;
    snprintf(value, sizeof(value), "announced %06d", echo->sent++);
    worker_send(echo->worker, &(struct output){.topic = echo->output, .value = text_of(value)},
                &receipt);
}

static enum batch_outcome echo_handle(void *self, struct batch *batch, struct error *err)
{
    if (must_wait(self, batch)) {
        error_set_class(err, ERROR_RETRY, -EAGAIN, "something is away");
        return BATCH_RETRY;
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (put_back(self, batch, i))
            break;
        echo_message(self, batch, i);
    }
    return BATCH_DONE;
}

static inline int echo_main(int argc, char **argv)
{
    static const struct setting none[] = {{0}};
    static const struct worker_ops echo = {
        .name = "echo",
        .summary = "Does as it is told.",
        .settings = none,
        .default_port = 9499,
        .open = echo_open,
        .handle = echo_handle,
        .tick_ms = 200,
        .tick = echo_tick,
        .close = free,
    };

    return worker_main(argc, argv, &echo);
}

/* Settings, topics, messages. */

static inline void echo_settings_at(struct mock_kafka *mock, int port, const char *test,
                                    const char *properties, const char *own, struct buf *yaml)
{
    buf_addf(yaml,
             "kafka:\n"
             "  bootstrap_servers: '%s'\n"
             "  properties: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, "
             "fetch.wait.max.ms: 20%s}\n"
             "topics: {raw_logs: %s-in, detected_events: %s-out, dead_letters: %s-dead}\n"
             "echo: {group: %s, metrics: {address: 127.0.0.1, port: %d}%s}\n",
             mock->bootstrap, properties, test, test, test, test, port, own);
}

static inline void echo_settings(struct mock_kafka *mock, const char *test, const char *properties,
                                 const char *own, struct buf *yaml)
{
    echo_settings_at(mock, 0, test, properties, own, yaml);
}

/* Starts a worker of @test. @properties (", name: value") and @own are added to its settings. */
static inline void echo_start(struct worker_process *worker, struct mock_kafka *mock,
                              const char *test, const char *properties, const char *own)
{
    AUTO_BUF yaml = {0};

    echo_settings(mock, test, properties, own, &yaml);
    worker_process_start(worker, buf_string(&yaml));
}

static inline const char *echo_topic(const char *test, const char *end, char name[80])
{
    snprintf(name, 80, "%s-%s", test, end);
    return name;
}

static inline void echo_make_topics(struct mock_kafka *mock, const char *test, int partitions)
{
    char name[80];

    rd_kafka_mock_topic_create(mock->cluster, echo_topic(test, "in", name), partitions, 1);
    rd_kafka_mock_topic_create(mock->cluster, echo_topic(test, "out", name), 1, 1);
    rd_kafka_mock_topic_create(mock->cluster, echo_topic(test, "dead", name), 1, 1);
}

/* "<kind> 000000" and so on into the input of @test. */
static inline void echo_send(struct mock_kafka *mock, const char *test, const char *kind, int from,
                             int to)
{
    char name[80];

    echo_topic(test, "in", name);
    for (int i = from; i < to; i++) {
        char value[64];

        snprintf(value, sizeof(value), "%s %06d", kind, i);
        mock_kafka_send(mock, name, value);
    }
    mock_kafka_flush(mock);
}

/* Reads the output of @test until each of "<kind> 000000" to "<kind> <count - 1>" has come; returns
 * how many came twice. */
static inline int echo_expect_all(struct mock_kafka *mock, const char *test, const char *kind,
                                  int count)
{
    char name[80];
    rd_kafka_t *reader = mock_kafka_reader(mock, echo_topic(test, "out", name));
    int64_t until_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);
    char *seen = mem_zero((size_t)count);
    size_t prefix = strlen(kind) + 1;
    int missing = count, doubles = 0;

    while (missing > 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, 100);

        if (clock_monotonic_us() > until_us)
            fail_msg("%s: %d of '%s' are missing", test, missing, kind);
        if (message && !message->err && message->len == prefix + 6 &&
            memcmp(message->payload, kind, prefix - 1) == 0) {
            int number = (int)strtol((const char *)message->payload + prefix, NULL, 10);

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

struct echo_header {
    const char *name;
    const char *value;
};

/* Of the first dead letter of @test; @headers end with a row without a name. */
static inline void echo_expect_dead(struct mock_kafka *mock, const char *test, const char *value,
                                    const struct echo_header *wanted)
{
    char name[80];
    rd_kafka_t *reader = mock_kafka_reader(mock, echo_topic(test, "dead", name));
    int64_t until_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);
    rd_kafka_message_t *message = NULL;
    rd_kafka_headers_t *headers = NULL;

    while (!message && clock_monotonic_us() < until_us)
        message = rd_kafka_consumer_poll(reader, 100);
    assert_non_null(message);
    assert_int_equal(message->err, 0);
    unit_text(name, (struct text){message->payload, message->len}, value);
    assert_int_equal(rd_kafka_message_headers(message, &headers), 0);
    for (; wanted->name; wanted++) {
        struct text got = {NULL, 0};
        const void *bytes = NULL;

        rd_kafka_header_get_last(headers, wanted->name, &bytes, &got.size);
        got.bytes = bytes;
        unit_text(wanted->name, got, wanted->value);
    }
    rd_kafka_message_destroy(message);
    mock_kafka_reader_close(reader);
}

static inline double echo_outcome(const struct worker_process *worker, const char *name)
{
    char series[80];

    snprintf(series, sizeof(series), "haechi_echo_logs_total{outcome=\"%s\"}", name);
    return worker_process_metric(worker, series);
}

static inline double echo_unaccounted(const struct worker_process *worker)
{
    double consumed = worker_process_metric(worker, "haechi_echo_logs_consumed_total");

    return consumed - (echo_outcome(worker, "produced") + echo_outcome(worker, "nothing") +
                       echo_outcome(worker, "dead_lettered") + echo_outcome(worker, "given_back") +
                       worker_process_metric(worker, "haechi_echo_logs_in_flight"));
}

/* Whatever became of them, all that were taken are in one of the figures, which are asked for one
 * after the other: once nothing moves. */
static inline void echo_expect_conserved(struct worker_process *worker)
{
    int64_t until_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);

    while (echo_unaccounted(worker) != 0) {
        if (clock_monotonic_us() > until_us)
            fail_msg("%g messages are in no figure", echo_unaccounted(worker));
        worker_process_pause(worker);
    }
}

/* main() of a program of such tests, which is its own service too. */

static struct mock_kafka mock;

static int echo_start_mock(void **state)
{
    (void)state;
    mock_kafka_start(&mock);
    return 0;
}

static int echo_stop_mock(void **state)
{
    (void)state;
    mock_kafka_stop(&mock);
    return 0;
}

static inline int echo_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
    if (argc > 1 && strcmp(argv[1], "--service") == 0)
        return echo_main(argc - 1, argv + 1);
    return unit_end(
        _cmocka_run_group_tests("worker", tests, count, echo_start_mock, echo_stop_mock));
}
