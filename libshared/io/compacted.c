#include "io/compacted.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <stdlib.h>

#include "base/mem.h"
#include "io/clock.h"
#include "io/kafka_conf.h"

enum { ASK_MS = 5000, ASK_AGAIN_US = 1000 * 1000, AT_ONCE = 1000 };
enum { LOOK_MS = 500, LOOK_AGAIN_US = 10 * 1000 * 1000 };

struct place {
    int64_t next, end; /* the next offset to read; what compacted_mark_end() saw */
};

struct compacted {
    rd_kafka_t *kafka;
    rd_kafka_queue_t *queue;
    char *topic;
    struct place *places; /* by partition; NULL: not known yet */
    size_t partitions;
    bool is_marked;
    int64_t ask_us; /* how many partitions there are, not earlier */
    struct error problem;
    rd_kafka_message_t *messages[AT_ONCE]; /* taken from Kafka and not yet handed on */
    size_t at, count;
};

static int set(rd_kafka_conf_t *conf, struct error *err)
{
    static const char *const properties[][2] = {
        {"client.id", "haechi"},           {"group.id", "haechi-readers"},
        {"enable.auto.commit", "false"},   {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "earliest"}, {"enable.partition.eof", "true"},
        {"fetch.wait.max.ms", "50"},       {"allow.auto.create.topics", "false"},
    };
    char text[256];

    for (size_t i = 0; i < COUNT_OF(properties); i++) {
        if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1], text, sizeof(text)) !=
            RD_KAFKA_CONF_OK)
            return error_set(err, -EINVAL, "%s: %s", properties[i][0], text);
    }
    return 0;
}

struct compacted *compacted_open(const struct kafka_settings *settings, const char *topic,
                                 struct error *err)
{
    rd_kafka_conf_t *conf = kafka_conf_plain(settings, err);

    if (!conf)
        return NULL;
    if (set(conf, err) < 0) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    rd_kafka_t *kafka = kafka_conf_client(RD_KAFKA_CONSUMER, conf, settings, err);

    if (!kafka)
        return NULL;
    struct compacted *compacted = mem_zero(sizeof(*compacted));

    compacted->kafka = kafka;
    compacted->topic = mem_copy_text(topic);
    rd_kafka_poll_set_consumer(kafka);
    compacted->queue = rd_kafka_queue_get_consumer(kafka);
    return compacted;
}

static void drop_messages(struct compacted *compacted)
{
    while (compacted->at < compacted->count)
        rd_kafka_message_destroy(compacted->messages[compacted->at++]);
}

void compacted_close(struct compacted *compacted)
{
    if (!compacted)
        return;
    drop_messages(compacted); /* librdkafka's consumer does not close while it misses any */
    rd_kafka_queue_destroy(compacted->queue);
    rd_kafka_consumer_close(compacted->kafka);
    rd_kafka_destroy(compacted->kafka);
    free(compacted->topic);
    free(compacted->places);
    free(compacted);
}

static int fail(struct error *err, const char *topic, rd_kafka_resp_err_t code)
{
    return error_set_class(err, ERROR_RETRY, -EAGAIN, "topic %s: %s", topic,
                           rd_kafka_err2str(code));
}

static int count_partitions(struct compacted *compacted, int limit_ms, size_t *count,
                            struct error *err)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(compacted->kafka, compacted->topic, NULL);
    rd_kafka_resp_err_t code =
        topic ? rd_kafka_metadata(compacted->kafka, 0, topic, &metadata, limit_ms)
              : rd_kafka_last_error();

    if (topic)
        rd_kafka_topic_destroy(topic);
    if (code || !metadata)
        return fail(err, compacted->topic, code);
    code = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN;
    *count = code ? 0 : (size_t)metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    if (code || *count == 0)
        return fail(err, compacted->topic, code ? code : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    return 0;
}

/* All @count partitions; those known already from where we are in them. Nothing that was taken may
 * wait meanwhile: it would come again. */
static int assign(struct compacted *compacted, size_t count, struct error *err)
{
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new((int)count);

    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(all, compacted->topic, (int32_t)i)->offset =
            i < compacted->partitions ? compacted->places[i].next : RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_resp_err_t code = rd_kafka_assign(compacted->kafka, all);

    rd_kafka_topic_partition_list_destroy(all);
    if (code)
        return fail(err, compacted->topic, code);
    compacted->places = mem_resize(compacted->places, count * sizeof(*compacted->places));
    for (size_t i = compacted->partitions; i < count; i++)
        compacted->places[i] = (struct place){0};
    compacted->partitions = count;
    return 0;
}

static int ensure_assigned(struct compacted *compacted, struct error *err)
{
    if (compacted->partitions > 0)
        return 0;
    int64_t now_us = clock_monotonic_us();
    size_t count = 0;

    if (now_us >= compacted->ask_us) {
        compacted->ask_us = now_us + ASK_AGAIN_US;
        if (count_partitions(compacted, ASK_MS, &count, &compacted->problem) == 0 &&
            assign(compacted, count, &compacted->problem) == 0)
            return 0;
    }
    *err = compacted->problem;
    return err->code;
}

/* A topic may be given more partitions at any time. Brokers that are away are told by the reading.
 */
static void look_for_more(struct compacted *compacted)
{
    int64_t now_us = clock_monotonic_us();
    struct error ignored;
    size_t count = 0;

    if (now_us < compacted->ask_us)
        return;
    compacted->ask_us = now_us + LOOK_AGAIN_US;
    if (count_partitions(compacted, LOOK_MS, &count, &ignored) == 0 &&
        count > compacted->partitions)
        assign(compacted, count, &ignored);
}

/* False: there is nothing. */
static bool fetch(struct compacted *compacted, int wait_ms, size_t most)
{
    if (most > AT_ONCE)
        most = AT_ONCE;
    compacted->at = compacted->count = 0;
    compacted->messages[0] = rd_kafka_consumer_poll(compacted->kafka, wait_ms);
    if (!compacted->messages[0])
        return false;
    compacted->count = 1;
    if (most > 1) {
        ssize_t more =
            rd_kafka_consume_batch_queue(compacted->queue, 0, compacted->messages + 1, most - 1);

        compacted->count += more > 0 ? (size_t)more : 0;
    }
    return true;
}

static int hand_on(struct place *place, const rd_kafka_message_t *message, compacted_sink *sink,
                   void *self, struct error *err)
{
    const struct compacted_record record = {
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
        .partition = message->partition,
        .offset = message->offset,
    };
    int result = sink(self, &record, err);

    if (result == 0)
        place->next = message->offset + 1;
    return result;
}

/* What was heard in place of a record: an end, or trouble (negative). */
static int hear(const struct compacted *compacted, struct place *place,
                const rd_kafka_message_t *message, struct error *err)
{
    if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF || !place)
        return fail(err, compacted->topic, message->err);
    place->next = message->offset;
    return 0;
}

static struct place *place_of(struct compacted *compacted, const rd_kafka_message_t *message)
{
    bool is_known = message->partition >= 0 && (size_t)message->partition < compacted->partitions;

    return is_known ? &compacted->places[message->partition] : NULL;
}

long compacted_read(struct compacted *compacted, int wait_ms, size_t most, compacted_sink *sink,
                    void *self, struct error *err)
{
    long taken = 0;
    int trouble = 0;

    if (ensure_assigned(compacted, err) < 0) {
        rd_kafka_poll(compacted->kafka, wait_ms); /* nothing is fetched yet */
        return err->code;
    }
    /* Where the sink wanted to wait, nothing of librdkafka's may be called to wait: rd_kafka_poll()
     * serves the consumer's queue too, and aborts at the first record that it finds there. */
    if (compacted->at < compacted->count)
        poll(NULL, 0, wait_ms);
    else
        look_for_more(compacted);
    if (compacted->at == compacted->count && !fetch(compacted, wait_ms, most))
        return 0;
    for (; compacted->at < compacted->count; compacted->at++) {
        rd_kafka_message_t *message = compacted->messages[compacted->at];
        struct place *place = place_of(compacted, message);

        if (message->err || !place) {
            if (hear(compacted, place, message, err) < 0)
                trouble = err->code;
        } else if (hand_on(place, message, sink, self, err) < 0) {
            return taken > 0 ? taken : err->code;
        } else {
            taken++;
        }
        rd_kafka_message_destroy(message);
    }
    return taken > 0 ? taken : trouble;
}

int compacted_mark_end(struct compacted *compacted, struct error *err)
{
    if (ensure_assigned(compacted, err) < 0)
        return err->code;
    compacted->is_marked = false;
    for (size_t i = 0; i < compacted->partitions; i++) {
        int64_t low, high;
        rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
            compacted->kafka, compacted->topic, (int32_t)i, &low, &high, ASK_MS);

        if (code)
            return fail(err, compacted->topic, code);
        compacted->places[i].end = high;
    }
    compacted->is_marked = true;
    return 0;
}

bool compacted_is_current(const struct compacted *compacted)
{
    if (!compacted->is_marked)
        return false;
    for (size_t i = 0; i < compacted->partitions; i++) {
        if (compacted->places[i].next < compacted->places[i].end)
            return false;
    }
    return true;
}
