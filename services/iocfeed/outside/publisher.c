#include "iocfeed/outside/publisher.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>

#include "io/codec.h"
#include "io/kafka_conf.h"

struct publisher {
    rd_kafka_t *kafka;
    rd_kafka_topic_t *topic, *events;
    struct codec *codec;
    struct codec_output *output, *event_output;
    struct buf value;
    size_t in_flight, failures; /* of IOCs */
    rd_kafka_resp_err_t failure;
    publisher_settled *settled; /* of events; NULL: nobody hears */
    void *settled_self;
};

static void on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *self)
{
    struct publisher *publisher = self;
    char *event_id = message->_private;

    (void)kafka;
    if (!event_id) {
        publisher->in_flight--;
        if (message->err) {
            publisher->failures++;
            publisher->failure = message->err;
        }
    } else if (publisher->settled) {
        publisher->settled(publisher->settled_self, text_of(event_id),
                           message->err ? rd_kafka_err2str(message->err) : NULL);
    }
    free(event_id);
}

struct publisher *publisher_open(const struct shared_settings *shared, struct error *err)
{
    rd_kafka_conf_t *conf = kafka_conf_producer(&shared->kafka, err);

    if (!conf)
        return NULL;
    struct publisher *publisher = mem_zero(sizeof(*publisher));

    rd_kafka_conf_set_opaque(conf, publisher);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    publisher->kafka = kafka_conf_client(RD_KAFKA_PRODUCER, conf, &shared->kafka, err);
    if (!publisher->kafka) {
        free(publisher);
        return NULL;
    }
    publisher->topic = rd_kafka_topic_new(publisher->kafka, shared->topics.iocs, NULL);
    publisher->events = rd_kafka_topic_new(publisher->kafka, shared->topics.detected_events, NULL);
    publisher->codec = codec_open((enum value_format)shared->topics.format, &shared->registry);
    publisher->output = codec_output(publisher->codec, &ioc_record, shared->topics.iocs);
    publisher->event_output =
        codec_output(publisher->codec, &event_type, shared->topics.detected_events);
    return publisher;
}

void publisher_close(struct publisher *publisher)
{
    if (!publisher)
        return;
    rd_kafka_purge(publisher->kafka, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(publisher->kafka, 1000);
    rd_kafka_topic_destroy(publisher->topic);
    rd_kafka_topic_destroy(publisher->events);
    rd_kafka_destroy(publisher->kafka);
    codec_close(publisher->codec);
    buf_done(&publisher->value);
    free(publisher);
}

static void add_header(rd_kafka_headers_t *headers, const char *name, struct text value)
{
    rd_kafka_header_add(headers, name, -1, value.bytes, (ssize_t)value.size);
}

static rd_kafka_headers_t *headers_of(const struct codec_output *output, struct text tenant)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(3);

    add_header(headers, "haechi.schema", codec_schema(output));
    if (tenant.size)
        add_header(headers, "haechi.tenant", tenant);
    add_header(headers, "content-type", codec_content_type(output));
    return headers;
}

/* @value without bytes: the key is removed. @event_id is taken over; NULL: it is no event. */
static int hand_on(struct publisher *publisher, rd_kafka_topic_t *topic, struct text key,
                   struct text value, rd_kafka_headers_t *headers, char *event_id,
                   struct error *err)
{
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key.bytes, key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)value.bytes, value.size}},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = event_id},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(publisher->kafka, parts, COUNT_OF(parts));

    if (error) {
        error_set_class(err, ERROR_RETRY, -EAGAIN, "kafka: %s", rd_kafka_error_string(error));
        rd_kafka_error_destroy(error);
        rd_kafka_headers_destroy(headers);
        free(event_id);
        return -EAGAIN;
    }
    publisher->in_flight += !event_id;
    return 0;
}

int publisher_prepare(struct publisher *publisher, struct error *err)
{
    return codec_prepare(publisher->output, err);
}

int publisher_put(struct publisher *publisher, struct text key, struct text tenant,
                  const struct ioc *ioc, struct error *err)
{
    buf_reset(&publisher->value);
    if (ioc && codec_encode(publisher->output, ioc, &publisher->value, err) < 0)
        return err->code;
    return hand_on(publisher, publisher->topic, key,
                   ioc ? buf_text(&publisher->value) : (struct text){0},
                   headers_of(publisher->output, tenant), NULL, err);
}

int publisher_put_event(struct publisher *publisher, const struct event *event, struct error *err)
{
    AUTO_BUF event_id = {0};

    buf_reset(&publisher->value);
    if (codec_encode(publisher->event_output, event, &publisher->value, err) < 0)
        return err->code;
    buf_add(&event_id, event->event_id);
    return hand_on(publisher, publisher->events, event_entity(event), buf_text(&publisher->value),
                   headers_of(publisher->event_output, event->tenant),
                   mem_copy_text(buf_string(&event_id)), err);
}

void publisher_hear_of_events(struct publisher *publisher, publisher_settled *settled, void *self)
{
    publisher->settled = settled;
    publisher->settled_self = self;
}

int publisher_serve(struct publisher *publisher, struct error *err)
{
    char why[400];

    rd_kafka_poll(publisher->kafka, 0);
    if (rd_kafka_fatal_error(publisher->kafka, why, sizeof(why)) == RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    return error_set(err, -EIO, "kafka: the producer cannot go on: %s", why);
}

size_t publisher_in_flight(const struct publisher *publisher)
{
    return publisher->in_flight;
}

size_t publisher_take_failures(struct publisher *publisher, struct error *err)
{
    size_t failures = publisher->failures;

    if (failures > 0)
        error_set_class(err, ERROR_RETRY, -EIO, "the broker refused %zu records: %s", failures,
                        rd_kafka_err2str(publisher->failure));
    publisher->failures = 0;
    return failures;
}
