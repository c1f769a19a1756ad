/* bench_latency: how long it takes from a log that the broker has appended to the event that a
 * consumer of the events holds in its hand.
 *
 *     bench_latency BROKERS LOGS-TOPIC EVENTS-TOPIC RATE SECONDS
 *
 * Sends RATE logs a second for SECONDS, evenly, one in fifty an attack with a number of its own, to
 * a topic whose records carry the broker's time of append (whole milliseconds, so that a latency
 * comes out up to one too long). Prints how many events came and the percentiles in milliseconds.
 * The first second's are not counted.
 */
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench_logs.h"

enum { LATE_US = 20000000, TURN_US = 1000, MAX_RATE = 1000000 };

#define MARK "&bench="

struct probe {
    rd_kafka_t *sender, *reader;
    rd_kafka_topic_t *logs;
    int64_t rate, seconds;
    int64_t sent, attacks, seen; /* logs; of them attacks; of these those whose event came */
    int64_t *appended_ms;        /* by number of the attack; 0: not acknowledged yet */
    int64_t *received_us;
};

static void die(const char *text)
{
    fprintf(stderr, "bench_latency: %s\n", text);
    exit(1);
}

static int64_t now_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void on_report(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    struct probe *probe = opaque;
    rd_kafka_timestamp_type_t type;
    size_t number = (size_t)(uintptr_t)message->_private;

    (void)kafka;
    if (message->err)
        die(rd_kafka_err2str(message->err));
    int64_t at_ms = rd_kafka_message_timestamp(message, &type);

    if (type != RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME)
        die("the topic of logs must have message.timestamp.type=LogAppendTime");
    if (number > 0)
        probe->appended_ms[number - 1] = at_ms;
}

static rd_kafka_t *client(rd_kafka_type_t type, const char *const (*properties)[2],
                          struct probe *probe)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[256];

    rd_kafka_conf_set_opaque(conf, probe);
    if (type == RD_KAFKA_PRODUCER)
        rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    for (; (*properties)[0]; properties++) {
        if (rd_kafka_conf_set(conf, (*properties)[0], (*properties)[1], text, sizeof(text)))
            die(text);
    }
    rd_kafka_t *kafka = rd_kafka_new(type, conf, text, sizeof(text));

    if (!kafka)
        die(text);
    return kafka;
}

static void open_probe(struct probe *probe, char **argv)
{
    const char *const sending[][2] = {
        {"bootstrap.servers", argv[1]}, {"linger.ms", "1"}, {"acks", "1"}, {NULL, NULL}};
    const char *const reading[][2] = {{"bootstrap.servers", argv[1]},
                                      {"group.id", "bench"},
                                      {"enable.auto.commit", "false"},
                                      {"fetch.wait.max.ms", "100"},
                                      {NULL, NULL}};
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    const struct rd_kafka_metadata *metadata;

    probe->sender = client(RD_KAFKA_PRODUCER, sending, probe);
    probe->reader = client(RD_KAFKA_CONSUMER, reading, probe);
    probe->logs = rd_kafka_topic_new(probe->sender, argv[2], NULL);
    rd_kafka_topic_t *events = rd_kafka_topic_new(probe->reader, argv[3], NULL);

    if (rd_kafka_metadata(probe->reader, 0, events, &metadata, 10000))
        die("the broker does not answer");
    for (int i = 0; i < metadata->topics[0].partition_cnt; i++)
        rd_kafka_topic_partition_list_add(list, argv[3], i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(probe->reader, list);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(events);
    rd_kafka_topic_partition_list_destroy(list);
    size_t attacks = (size_t)(probe->rate * probe->seconds / BENCH_ATTACK_EVERY + 1);

    probe->appended_ms = mem_zero(attacks * sizeof(int64_t));
    probe->received_us = mem_zero(attacks * sizeof(int64_t));
}

static void send_log(struct probe *probe, uint64_t *state, struct buf *log)
{
    bool is_attack = probe->sent % BENCH_ATTACK_EVERY == 0;
    uintptr_t number = is_attack ? (uintptr_t)++probe->attacks : 0;

    buf_reset(log);
    bench_access_log(state, is_attack, log);
    if (is_attack)
        buf_addf(log, " " MARK "%" PRIu64, (uint64_t)number);
    if (rd_kafka_produce(probe->logs, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, log->bytes,
                         log->size, NULL, 0, (void *)number))
        die(rd_kafka_err2str(rd_kafka_last_error()));
    probe->sent++;
}

/* The number after the mark, 0 if there is none. */
static size_t number_in(struct text event)
{
    size_t number = 0, at = text_find(event, TEXT(MARK));

    for (at += sizeof(MARK) - 1;
         at < event.size && event.bytes[at] >= '0' && event.bytes[at] <= '9'; at++)
        number = number * 10 + (size_t)(event.bytes[at] - '0');
    return number;
}

static void receive(struct probe *probe, const rd_kafka_message_t *event)
{
    size_t number = event->err ? 0 : number_in((struct text){event->payload, event->len});

    if (number == 0 || number > (size_t)probe->attacks || probe->received_us[number - 1])
        return;
    probe->received_us[number - 1] = now_us(CLOCK_REALTIME);
    probe->seen++;
}

/* Until @until_us of the monotonic clock, or a millisecond more. */
static void listen_until(struct probe *probe, int64_t until_us)
{
    do {
        rd_kafka_poll(probe->sender, 0);
        rd_kafka_message_t *event = rd_kafka_consumer_poll(probe->reader, 1);

        if (event) {
            receive(probe, event);
            rd_kafka_message_destroy(event);
        }
    } while (now_us(CLOCK_MONOTONIC) < until_us);
}

static void send_all(struct probe *probe)
{
    uint64_t state = BENCH_SEED;
    AUTO_BUF log = {0};
    int64_t begin_us = now_us(CLOCK_MONOTONIC), total = probe->rate * probe->seconds;

    while (probe->sent < total) {
        int64_t passed_us = now_us(CLOCK_MONOTONIC) - begin_us;

        while (probe->sent < total && probe->sent <= passed_us * probe->rate / 1000000)
            send_log(probe, &state, &log);
        listen_until(probe, begin_us + passed_us + TURN_US);
    }
    int64_t late_us = now_us(CLOCK_MONOTONIC) + LATE_US;

    while (probe->seen < probe->attacks && now_us(CLOCK_MONOTONIC) < late_us)
        listen_until(probe, now_us(CLOCK_MONOTONIC) + TURN_US);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void report(const struct probe *probe)
{
    double *each = mem_zero((size_t)(probe->attacks + 1) * sizeof(double));
    size_t count = 0;

    for (int64_t i = probe->rate / BENCH_ATTACK_EVERY; i < probe->attacks; i++) {
        if (probe->received_us[i] && probe->appended_ms[i])
            each[count++] = (double)(probe->received_us[i] - probe->appended_ms[i] * 1000) / 1e3;
    }
    if (count == 0)
        die("no event came");
    qsort(each, count, sizeof(*each), ascending);
    printf("attacks %" PRId64 " seen %" PRId64 " p50 %.2f p90 %.2f p99 %.2f most %.2f\n",
           probe->attacks, probe->seen, each[count / 2], each[count * 9 / 10],
           each[count * 99 / 100], each[count - 1]);
    free(each);
}

int main(int argc, char **argv)
{
    struct probe probe = {0};

    if (argc != 6 || !text_to_integer(text_of(argv[4]), &probe.rate) || probe.rate < 1 ||
        probe.rate > MAX_RATE || !text_to_integer(text_of(argv[5]), &probe.seconds) ||
        probe.seconds < 2) {
        fprintf(stderr, "usage: bench_latency BROKERS LOGS-TOPIC EVENTS-TOPIC RATE SECONDS\n");
        return 2;
    }
    open_probe(&probe, argv);
    send_all(&probe);
    report(&probe);
    rd_kafka_flush(probe.sender, 5000);
    rd_kafka_consumer_close(probe.reader);
    rd_kafka_destroy(probe.reader);
    rd_kafka_topic_destroy(probe.logs);
    rd_kafka_destroy(probe.sender);
    free(probe.appended_ms);
    free(probe.received_us);
    return probe.seen == probe.attacks ? 0 : 1;
}
