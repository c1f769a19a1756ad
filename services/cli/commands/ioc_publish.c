/* Writing to the topic of IOCs: what it holds of the same keys is read first, since a record
 * carries all that its sources say. */
#include <errno.h>
#include <stdlib.h>

#include "cli/commands/follow.h"
#include "cli/commands/ioc_import.h"
#include "io/codec.h"
#include "iocfeed/merge.h"

enum { WAIT_MS = 200, ANSWER_MS = 60000, ARENA_KEPT = 1024 * 1024 };

struct publishing {
    const struct sightings *sightings;
    const char *topic;
    int64_t now_ms;
    struct cluster cluster;
    struct codec *codec;
    struct codec_output *output;
    rd_kafka_t *producer;
    struct arena *values; /* of the records that are there */
    struct text *there;   /* by the sightings' numbers; empty: none */
    struct arena *arena;  /* of one record */
    struct buf value;
    size_t written, refused;
    char trouble[200];
};

static void keep(struct publishing *p, const rd_kafka_message_t *message)
{
    struct text key = {message->key, message->key_len};
    const struct sightings_entry *entry = sightings_find(p->sightings, key);

    if (entry)
        p->there[entry - sightings_at(p->sightings, 0)] =
            arena_copy(p->values, (struct text){message->payload, message->len});
}

/* Reads the topic to its end. */
static int read_topic(struct publishing *p, struct error *err)
{
    struct follow *follow = follow_open(&p->cluster, p->topic, FOLLOW_EARLIEST, 0, true, err);
    enum follow_result result = follow ? FOLLOW_NOTHING : FOLLOW_FAILED;

    while (result == FOLLOW_NOTHING || result == FOLLOW_MESSAGE) {
        rd_kafka_message_t *message = NULL;

        result = follow_next(follow, WAIT_MS, &message, err);
        if (result == FOLLOW_MESSAGE) {
            keep(p, message);
            rd_kafka_message_destroy(message);
        }
    }
    follow_close(follow);
    return result == FOLLOW_END ? 0 : -EIO;
}

static void on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *self)
{
    struct publishing *p = self;

    (void)kafka;
    if (message->err && p->refused++ == 0)
        snprintf(p->trouble, sizeof(p->trouble), "%s", rd_kafka_err2str(message->err));
}

static int open_producer(struct publishing *p, struct error *err)
{
    static const char *const properties[][2] = {
        {"enable.idempotence", "true"},
        {"partitioner", "murmur2_random"}, /* a key has one partition */
        {"linger.ms", "20"},
        {"compression.type", "zstd"},
        {"message.timeout.ms", "60000"}};
    rd_kafka_conf_t *conf = rd_kafka_conf_dup(rd_kafka_conf(p->cluster.kafka));
    char problem[256];

    for (size_t i = 0; i < COUNT_OF(properties); i++)
        rd_kafka_conf_set(conf, properties[i][0], properties[i][1], problem, sizeof(problem));
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, p);
    p->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof(problem));
    if (p->producer)
        return 0;
    rd_kafka_conf_destroy(conf);
    return error_set(err, -EIO, "no Kafka producer: %s", problem);
}

static rd_kafka_resp_err_t hand_over(struct publishing *p, struct text key, struct text value)
{
    struct text schema = codec_schema(p->output), type = codec_content_type(p->output);
    rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = p->topic},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key.bytes, key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)value.bytes, value.size}},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
    };

    rd_kafka_header_add(headers, "haechi.schema", -1, schema.bytes, (ssize_t)schema.size);
    rd_kafka_header_add(headers, "content-type", -1, type.bytes, (ssize_t)type.size);
    rd_kafka_error_t *error = rd_kafka_produceva(p->producer, parts, COUNT_OF(parts));
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);

    if (!error)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_error_destroy(error);
    rd_kafka_headers_destroy(headers);
    return code;
}

/* Sends @value; {NULL, 0}: null, which removes. */
static int produce(struct publishing *p, struct text key, struct text value, struct error *err)
{
    rd_kafka_resp_err_t code = hand_over(p, key, value);

    while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        rd_kafka_poll(p->producer, WAIT_MS);
        code = hand_over(p, key, value);
    }
    rd_kafka_poll(p->producer, 0);
    p->written++;
    return code ? cluster_fail(&p->cluster, "writing to the topic", code, err) : 0;
}

static int write_one(struct publishing *p, size_t i, struct error *err)
{
    const struct sightings_entry *entry = sightings_at(p->sightings, i);
    const struct sighting *sighting = &entry->sighting;
    struct text there = p->there[i], tenant, value;
    enum ioc_type type;
    struct ioc ioc;

    arena_reset(p->arena, ARENA_KEPT);
    ioc_key_parse(entry->key, &tenant, &type, &value);
    merge_start(&ioc, tenant, type, value);
    if (there.size && codec_decode(p->codec, &ioc_record, there, p->arena, &ioc, err) < 0)
        return -EBADMSG;
    if (sighting->withdrawn) {
        if (there.size == 0)
            return 0;
        if (!merge_remove(&ioc, sighting->source.name, p->now_ms, p->arena))
            return produce(p, entry->key, (struct text){0}, err);
    } else {
        merge_add(&ioc, &sighting->source, p->now_ms, p->arena);
    }
    buf_reset(&p->value);
    if (codec_encode(p->output, &ioc, &p->value, err) < 0)
        return -EIO;
    return text_equal(buf_text(&p->value), there)
               ? 0
               : produce(p, entry->key, buf_text(&p->value), err);
}

static int write_all(struct publishing *p, struct error *err)
{
    for (size_t i = 0; i < sightings_count(p->sightings); i++) {
        int result = write_one(p, i, err);

        if (result < 0)
            return result;
    }
    if (rd_kafka_flush(p->producer, ANSWER_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return error_set_class(err, ERROR_RETRY, -ETIMEDOUT,
                               "the brokers did not take everything within a minute; run it again");
    if (p->refused > 0)
        return error_set(err, -EIO, "%zu records were refused: %s", p->refused, p->trouble);
    return 0;
}

int ioc_publish(const struct import_options *options, const struct sightings *sightings,
                int64_t now_ms, size_t *written, struct error *err)
{
    struct publishing p = {.sightings = sightings, .now_ms = now_ms};
    int result = cluster_open(&p.cluster, &options->cluster, RD_KAFKA_CONSUMER, err);

    if (result == 0) {
        p.topic = options->topic ? options->topic : p.cluster.shared.topics.iocs;
        p.codec = codec_open((enum value_format)p.cluster.shared.topics.format,
                             &p.cluster.shared.registry);
        p.output = codec_output(p.codec, &ioc_record, p.topic);
        p.values = arena_new(1024 * 1024);
        p.arena = arena_new(64 * 1024);
        p.there = mem_zero((sightings_count(sightings) + 1) * sizeof(*p.there));
        result = read_topic(&p, err);
        if (result == 0)
            result = open_producer(&p, err);
        if (result == 0)
            result = write_all(&p, err);
        if (p.producer)
            rd_kafka_destroy(p.producer);
        codec_close(p.codec);
        arena_free(p.values);
        arena_free(p.arena);
        free(p.there);
        buf_done(&p.value);
    }
    cluster_close(&p.cluster);
    *written = p.written;
    return result;
}
