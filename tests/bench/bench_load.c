/* bench_load: puts the lines of stdin into a topic, as a shipper would: in large zstd batches, a
 * partition after the other.
 *
 *     bench_generate json 2000000 | bench_load BROKERS TOPIC PARTITIONS
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

enum { RUN = 5000, WAIT_MS = 100, FLUSH_MS = 60000 };

struct load {
    rd_kafka_t *kafka;
    rd_kafka_topic_t *topic;
    int64_t partitions;
    size_t sent, refused;
};

static void die(const char *text)
{
    fprintf(stderr, "bench_load: %s\n", text);
    exit(1);
}

static void on_report(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    (void)kafka;
    ((struct load *)opaque)->refused += message->err != 0;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char text[256];

    if (rd_kafka_conf_set(conf, name, value, text, sizeof(text)) != RD_KAFKA_CONF_OK)
        die(text);
}

static void open_load(struct load *load, const char *brokers, const char *topic)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[256];

    set(conf, "bootstrap.servers", brokers);
    set(conf, "compression.codec", "zstd");
    set(conf, "linger.ms", "50");
    set(conf, "enable.idempotence", "true");
    set(conf, "queue.buffering.max.messages", "500000");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_opaque(conf, load);
    load->kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    if (!load->kafka)
        die(text);
    load->topic = rd_kafka_topic_new(load->kafka, topic, NULL);
}

static void send_line(struct load *load, char *line, size_t size)
{
    int32_t partition = (int32_t)((int64_t)(load->sent / RUN) % load->partitions);

    while (rd_kafka_produce(load->topic, partition, RD_KAFKA_MSG_F_COPY, line, size, NULL, 0,
                            NULL) != 0) {
        if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            die(rd_kafka_err2str(rd_kafka_last_error()));
        rd_kafka_poll(load->kafka, WAIT_MS);
    }
    if (++load->sent % RUN == 0)
        rd_kafka_poll(load->kafka, 0);
}

int main(int argc, char **argv)
{
    struct load load = {0};
    char *line = NULL;
    size_t capacity = 0;

    if (argc != 4 || !text_to_integer(text_of(argv[3]), &load.partitions) || load.partitions < 1) {
        fprintf(stderr, "usage: bench_load BROKERS TOPIC PARTITIONS <LINES\n");
        return 2;
    }
    open_load(&load, argv[1], argv[2]);
    for (ssize_t size; (size = getline(&line, &capacity, stdin)) > 1;)
        send_line(&load, line, (size_t)size - 1);
    free(line);
    if (rd_kafka_flush(load.kafka, FLUSH_MS) || load.refused > 0)
        die("the broker did not take all records");
    rd_kafka_topic_destroy(load.topic);
    rd_kafka_destroy(load.kafka);
    return 0;
}
