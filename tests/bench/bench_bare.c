/* bench_bare: the least that a program between two topics can do. It reads as many records as it is
 * told, with the worker's own properties and shape of polling, and writes as many as the detector
 * did, of the same size, spread evenly among them. It looks at nothing.
 *
 *     bench_bare BROKERS TOPIC GROUP COUNT OUTPUT-TOPIC OUTPUTS SAMPLES
 *
 * SAMPLES is a file of outputs, one a line, written in turn. Says "assigned" on stderr when it has
 * its partitions and "done" when all is acknowledged, and ends when stdin does: whoever started it
 * reads its processor time in between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "io/fetching.h"
#include "io/kafka_conf.h"

enum { BATCH = 1000, POLL_MS = 100, FLUSH_MS = 60000, MAX_SAMPLES = 1000 };

struct bare {
    rd_kafka_t *consumer, *producer;
    rd_kafka_queue_t *queue;
    struct fetching fetching;
    rd_kafka_topic_t *output;
    char *samples[MAX_SAMPLES];
    size_t sizes[MAX_SAMPLES];
    size_t sample_count;
    int64_t count, outputs;    /* to be read and written */
    int64_t read, sent, acked; /* so far */
};

static void die(const char *text)
{
    fprintf(stderr, "bench_bare: %s\n", text);
    exit(1);
}

static void on_report(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    (void)kafka;
    ((struct bare *)opaque)->acked += message->err == 0;
}

static void on_rebalance(rd_kafka_t *kafka, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *list, void *opaque)
{
    bool is_assignment = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;

    (void)opaque;
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(kafka, is_assignment ? list : NULL);
    if (is_assignment)
        fputs("assigned\n", stderr);
}

static void open_clients(struct bare *bare, char **argv)
{
    const struct kafka_settings settings = {.bootstrap_servers = argv[1]};
    rd_kafka_conf_t *reading = kafka_conf_consumer(&settings, argv[3], KAFKA_FETCH_MUCH, NULL);
    rd_kafka_conf_t *writing = kafka_conf_producer(&settings, NULL);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    char text[256];

    fetching_init(&bare->fetching, reading);
    rd_kafka_conf_set_rebalance_cb(reading, on_rebalance);
    /* It writes at its own pace: the larger requests of a longer linger.ms are the faster for it.
     */
    rd_kafka_conf_set(writing, "linger.ms", "5", NULL, 0);
    rd_kafka_conf_set_opaque(writing, bare);
    rd_kafka_conf_set_dr_msg_cb(writing, on_report);
    bare->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, reading, text, sizeof(text));
    bare->producer = rd_kafka_new(RD_KAFKA_PRODUCER, writing, text, sizeof(text));
    if (!bare->consumer || !bare->producer)
        die(text);
    bare->output = rd_kafka_topic_new(bare->producer, argv[5], NULL);
    rd_kafka_poll_set_consumer(bare->consumer);
    bare->queue = rd_kafka_queue_get_consumer(bare->consumer);
    rd_kafka_topic_partition_list_add(topics, argv[2], RD_KAFKA_PARTITION_UA);
    if (rd_kafka_subscribe(bare->consumer, topics))
        die("cannot subscribe");
    rd_kafka_topic_partition_list_destroy(topics);
}

static void read_samples(struct bare *bare, const char *path)
{
    FILE *file = fopen(path, "r");
    size_t capacity = 0;

    if (!file)
        die("cannot read the file of samples");
    while (bare->sample_count < MAX_SAMPLES) {
        char **line = &bare->samples[bare->sample_count];
        ssize_t size = getline(line, &capacity, file);

        capacity = 0; /* each line is kept */
        if (size < 2)
            break;
        bare->sizes[bare->sample_count++] = (size_t)size - 1;
    }
    fclose(file);
    if (bare->sample_count == 0)
        die("the file of samples is empty");
}

static void write_one(struct bare *bare)
{
    size_t i = (size_t)bare->sent % bare->sample_count;
    char key[24];
    int size = snprintf(key, sizeof(key), "203.0.113.%d", (int)(bare->sent % 256));

    while (rd_kafka_produce(bare->output, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                            bare->samples[i], bare->sizes[i], key, (size_t)size, NULL) != 0)
        rd_kafka_poll(bare->producer, POLL_MS);
    bare->sent++;
}

static void turn(struct bare *bare)
{
    rd_kafka_message_t *messages[BATCH];
    size_t count = 0;

    rd_kafka_poll(bare->producer, 0);
    messages[0] = rd_kafka_consumer_poll(bare->consumer, POLL_MS);
    if (!messages[0])
        return;
    ssize_t more = rd_kafka_consume_batch_queue(bare->queue, 0, messages + 1, BATCH - 1);

    count = more > 0 ? (size_t)more + 1 : 1;
    fetching_watch(&bare->fetching, bare->consumer, bare->queue, messages, count);
    for (size_t i = 0; i < count; i++) {
        bare->read += messages[i]->err == 0;
        rd_kafka_message_destroy(messages[i]);
    }
    while (bare->sent < bare->read * bare->outputs / bare->count)
        write_one(bare);
}

int main(int argc, char **argv)
{
    static struct bare bare;

    if (argc != 8 || !text_to_integer(text_of(argv[4]), &bare.count) || bare.count < 1 ||
        !text_to_integer(text_of(argv[6]), &bare.outputs)) {
        fprintf(stderr,
                "usage: bench_bare BROKERS TOPIC GROUP COUNT OUTPUT-TOPIC OUTPUTS SAMPLES\n");
        return 2;
    }
    read_samples(&bare, argv[7]);
    open_clients(&bare, argv);
    while (bare.read < bare.count)
        turn(&bare);
    if (rd_kafka_flush(bare.producer, FLUSH_MS) || bare.acked < bare.sent)
        die("the broker did not take all outputs");
    fputs("done\n", stderr);
    while (getchar() != EOF)
        ;
    rd_kafka_queue_destroy(bare.queue);
    rd_kafka_consumer_close(bare.consumer);
    rd_kafka_destroy(bare.consumer);
    rd_kafka_topic_destroy(bare.output);
    rd_kafka_destroy(bare.producer);
    for (size_t i = 0; i < bare.sample_count; i++)
        free(bare.samples[i]);
    return 0;
}
