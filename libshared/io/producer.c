#include "io/producer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/kafka_conf.h"
#include "io/log.h"

enum {
    IN_FLIGHT_LIMIT = 50000,       /* outputs */
    SOURCE_BYTES_LIMIT = 64 << 20, /* copies of messages whose outputs are in flight */
    RESEND_AFTER_US = 1000 * 1000, /* what was refused for a reason that can be mended */
};

struct worker_topic {
    rd_kafka_topic_t *handle;
    struct counter *produced;
    struct worker_topic *next;
};

struct producer_source {
    struct settlement_span *span;
    size_t references;
    rd_kafka_headers_t *headers; /* owned; NULL: none */
    char *topic;                 /* owned, as are key and value: one block */
    int32_t partition;
    int64_t offset, at_ms;
    struct text key, value;
    bool has_key, has_value;
    size_t size; /* of the block */
};

/* One record on its way. */
struct flight {
    struct producer_source *source;
    struct worker_topic *topic;
    bool is_dead_letter;
    int64_t sent_us;
    rd_kafka_headers_t *headers; /* while it waits to be sent again */
    struct buf key, value;
    bool has_key, has_value;
    struct flight *next;
};

struct producer {
    rd_kafka_t *kafka;
    const char *service;
    struct conditions *conditions;
    struct metrics *metrics;
    struct worker_topic *topics;
    struct worker_topic *dead_letters;
    struct flight *refused; /* wait to be sent again */
    int64_t resend_at_us;
    size_t in_flight;
    size_t source_bytes;
    bool is_lost;
    struct counter *resent;
    struct histogram *seconds;
};

/* Sources. */

static struct text put(char **at, const void *bytes, size_t size)
{
    struct text copy = {*at, size};

    if (size)
        memcpy(*at, bytes, size);
    *at += size;
    return copy;
}

struct producer_source *producer_source(struct producer *producer,
                                        const rd_kafka_message_t *message,
                                        struct settlement_span *span)
{
    const char *topic = rd_kafka_topic_name(message->rkt);
    size_t topic_size = strlen(topic) + 1;
    size_t size = sizeof(struct producer_source) + topic_size + message->key_len + message->len;
    struct producer_source *source = mem_zero(size);
    rd_kafka_headers_t *headers = NULL;
    char *at = (char *)(source + 1);

    source->span = span;
    source->references = 1;
    source->size = size;
    source->topic = at;
    put(&at, topic, topic_size);
    source->key = put(&at, message->key, message->key_len);
    source->value = put(&at, message->payload, message->len);
    source->has_key = message->key != NULL;
    source->has_value = message->payload != NULL;
    source->partition = message->partition;
    source->offset = message->offset;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        source->headers = rd_kafka_headers_copy(headers);
    producer->source_bytes += size;
    return source;
}

void producer_drop(struct producer *producer, struct producer_source *source)
{
    if (--source->references > 0)
        return;
    producer->source_bytes -= source->size;
    if (source->headers)
        rd_kafka_headers_destroy(source->headers);
    free(source);
}

/* Flights. */

static struct flight *flight_new(struct producer *producer, struct producer_source *source,
                                 struct worker_topic *topic)
{
    struct flight *flight = mem_zero(sizeof(*flight));

    flight->source = source;
    flight->topic = topic;
    flight->is_dead_letter = topic == producer->dead_letters;
    flight->sent_us = clock_monotonic_us();
    source->references++;
    settlement_hold(source->span);
    producer->in_flight++;
    return flight;
}

/* @is_safe: the broker has it, or something else was sent in its place. */
static void flight_end(struct producer *producer, struct flight *flight, bool is_safe)
{
    if (is_safe)
        settlement_release(flight->source->span);
    producer_drop(producer, flight->source);
    producer->in_flight--;
    if (flight->headers)
        rd_kafka_headers_destroy(flight->headers);
    buf_done(&flight->key);
    buf_done(&flight->value);
    free(flight);
}

static rd_kafka_resp_err_t hand_over(struct producer *producer, struct flight *flight,
                                     struct text key, bool has_key, struct text value,
                                     bool has_value, rd_kafka_headers_t *headers)
{
    /* A NULL key or value is another record than an empty one. */
    static const char empty[1] = "";
    const char *key_bytes = key.size ? key.bytes : empty;
    const char *value_bytes = value.size ? value.bytes : empty;

    return rd_kafka_producev(
        producer->kafka, RD_KAFKA_V_RKT(flight->topic->handle),
        RD_KAFKA_V_KEY(has_key ? key_bytes : NULL, key.size),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)(has_value ? value_bytes : NULL), value.size),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_OPAQUE(flight), RD_KAFKA_V_END);
}

static bool is_too_large(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
           code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE ||
           code == RD_KAFKA_RESP_ERR_INVALID_RECORD || code == RD_KAFKA_RESP_ERR_INVALID_MSG ||
           code == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE;
}

static const char *condition_of(const struct producer *producer, const struct flight *flight)
{
    (void)producer;
    return flight->is_dead_letter ? "dead_letters" : "output";
}

static void show_refusal(struct producer *producer, const struct flight *flight,
                         rd_kafka_resp_err_t code)
{
    char problem[400];
    const char *topic = rd_kafka_topic_name(flight->topic->handle);

    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
        snprintf(problem, sizeof(problem),
                 "topic '%s' does not exist; `haechi topics create` makes it. Nothing is lost: "
                 "what was made is kept and tried again",
                 topic);
    else
        snprintf(problem, sizeof(problem),
                 "topic '%s' refuses records: %s. Nothing is lost: they are kept and tried again",
                 topic, rd_kafka_err2str(code));
    conditions_set(producer->conditions, condition_of(producer, flight), problem);
}

/* Puts @flight by, to be sent again. */
static void keep(struct producer *producer, struct flight *flight, rd_kafka_resp_err_t code)
{
    show_refusal(producer, flight, code);
    flight->next = producer->refused;
    producer->refused = flight;
    if (!producer->resend_at_us)
        producer->resend_at_us = clock_monotonic_us() + RESEND_AFTER_US;
}

static void replace_by_dead_letter(struct producer *producer, struct flight *flight,
                                   rd_kafka_resp_err_t code);

static void refused(struct producer *producer, struct flight *flight, rd_kafka_resp_err_t code)
{
    if (is_too_large(code) && !flight->is_dead_letter)
        replace_by_dead_letter(producer, flight, code);
    else
        keep(producer, flight, code);
}

static void on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    struct producer *producer = opaque;
    struct flight *flight = message->_private;
    rd_kafka_headers_t *headers = NULL;

    (void)kafka;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        metrics_add(flight->topic->produced, 1);
        metrics_observe(producer->seconds, (double)(clock_monotonic_us() - flight->sent_us) / 1e6);
        if (!producer->refused)
            conditions_set(producer->conditions, condition_of(producer, flight), NULL);
        flight_end(producer, flight, true);
        return;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
        message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
        flight_end(producer, flight, false);
        return;
    }
    flight->has_key = message->key != NULL;
    flight->has_value = message->payload != NULL;
    buf_reset(&flight->key);
    buf_reset(&flight->value);
    buf_add(&flight->key, (struct text){message->key, message->key_len});
    buf_add(&flight->value, (struct text){message->payload, message->len});
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        flight->headers = rd_kafka_headers_copy(headers);
    refused(producer, flight, message->err);
}

static void on_error(rd_kafka_t *kafka, int code, const char *reason, void *opaque)
{
    struct producer *producer = opaque;
    char why[300];

    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        rd_kafka_fatal_error(kafka, why, sizeof(why));
        log_error(
            "producer_lost", LOG_TEXT("error", why),
            LOG_TEXT("consequence", "the worker ends; what was not acknowledged is read again"));
        producer->is_lost = true;
        return;
    }
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        conditions_set(producer->conditions, "kafka", reason);
}

/* Sending. */

static rd_kafka_headers_t *headers_of(const struct output *output)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(output->header_count);

    for (size_t i = 0; i < output->header_count; i++)
        rd_kafka_header_add(headers, output->headers[i].name, -1, output->headers[i].value.bytes,
                            (ssize_t)output->headers[i].value.size);
    return headers;
}

bool producer_send(struct producer *producer, struct producer_source *source,
                   const struct output *output)
{
    struct flight *flight = flight_new(producer, source, output->topic);
    rd_kafka_headers_t *headers = headers_of(output);
    rd_kafka_resp_err_t code =
        hand_over(producer, flight, output->key, true, output->value, true, headers);

    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        rd_kafka_headers_destroy(headers);
        flight_end(producer, flight, true);
        return false;
    }
    flight->headers = headers;
    flight->has_key = flight->has_value = true;
    buf_add(&flight->key, output->key);
    buf_add(&flight->value, output->value);
    refused(producer, flight, code);
    return true;
}

static void add_header(rd_kafka_headers_t *headers, const char *name, const char *value)
{
    rd_kafka_header_add(headers, name, -1, value, -1);
}

static void add_number(rd_kafka_headers_t *headers, const char *name, int64_t value)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRId64, value);
    add_header(headers, name, digits);
}

static rd_kafka_headers_t *dead_letter_headers(const struct producer *producer,
                                               const struct producer_source *source,
                                               const char *reason, const char *sentence)
{
    rd_kafka_headers_t *headers =
        source->headers ? rd_kafka_headers_copy(source->headers) : rd_kafka_headers_new(8);

    add_header(headers, "haechi.reason", reason);
    add_header(headers, "haechi.error", sentence);
    add_header(headers, "haechi.service", producer->service);
    add_header(headers, "haechi.topic", source->topic);
    add_number(headers, "haechi.partition", source->partition);
    add_number(headers, "haechi.offset", source->offset);
    return headers;
}

bool producer_send_dead_letter(struct producer *producer, struct producer_source *source,
                               const char *reason, const char *sentence)
{
    struct flight *flight = flight_new(producer, source, producer->dead_letters);
    rd_kafka_headers_t *headers = dead_letter_headers(producer, source, reason, sentence);
    rd_kafka_resp_err_t code = hand_over(producer, flight, source->key, source->has_key,
                                         source->value, source->has_value, headers);

    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        rd_kafka_headers_destroy(headers);
        flight_end(producer, flight, true);
        return false;
    }
    flight->headers = headers;
    flight->has_key = source->has_key;
    flight->has_value = source->has_value;
    buf_add(&flight->key, source->key);
    buf_add(&flight->value, source->value);
    refused(producer, flight, code);
    return true;
}

/* A record that the broker never takes: the message it was made from goes to dead letters. Where
 * the queue is full just now, the flight waits with the refused ones, as the dead letter it
 * becomes. */
static void replace_by_dead_letter(struct producer *producer, struct flight *flight,
                                   rd_kafka_resp_err_t code)
{
    const struct producer_source *source = flight->source;
    char sentence[300];

    snprintf(sentence, sizeof(sentence), "topic '%s' refuses what was made from this log: %s",
             rd_kafka_topic_name(flight->topic->handle), rd_kafka_err2str(code));
    log_warn("dead_letter", LOG_TEXT("reason", "broker_refused"), LOG_TEXT("error", sentence),
             LOG_TEXT("topic", source->topic), LOG_INT("partition", source->partition),
             LOG_INT("offset", source->offset));
    metrics_add(metrics_counter(producer->metrics, "haechi_dead_letters_total",
                                "Messages sent to dead letters.",
                                LABEL("service", producer->service),
                                LABEL("reason", "broker_refused")),
                1);
    if (flight->headers)
        rd_kafka_headers_destroy(flight->headers);
    flight->headers = dead_letter_headers(producer, source, "broker_refused", sentence);
    flight->topic = producer->dead_letters;
    flight->is_dead_letter = true;
    flight->has_key = source->has_key;
    flight->has_value = source->has_value;
    buf_reset(&flight->key);
    buf_reset(&flight->value);
    buf_add(&flight->key, source->key);
    buf_add(&flight->value, source->value);
    flight->next = producer->refused;
    producer->refused = flight;
    producer->resend_at_us = clock_monotonic_us();
}

static void resend(struct producer *producer)
{
    struct flight *flight = producer->refused;

    producer->refused = NULL;
    producer->resend_at_us = 0;
    while (flight) {
        struct flight *next = flight->next;
        rd_kafka_headers_t *headers = flight->headers;
        rd_kafka_resp_err_t code;

        flight->headers = NULL;
        metrics_add(producer->resent, 1);
        code = hand_over(producer, flight, buf_text(&flight->key), flight->has_key,
                         buf_text(&flight->value), flight->has_value, headers);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            flight->headers = headers;
            keep(producer, flight, code);
        }
        flight = next;
    }
}

void producer_poll(struct producer *producer, int timeout_ms)
{
    rd_kafka_poll(producer->kafka, timeout_ms);
    if (producer->refused && clock_monotonic_us() >= producer->resend_at_us)
        resend(producer);
}

size_t producer_in_flight(const struct producer *producer)
{
    return producer->in_flight;
}

bool producer_is_full(const struct producer *producer)
{
    return producer->in_flight > IN_FLIGHT_LIMIT || producer->source_bytes > SOURCE_BYTES_LIMIT;
}

bool producer_is_lost(const struct producer *producer)
{
    return producer->is_lost;
}

rd_kafka_t *producer_client(struct producer *producer)
{
    return producer->kafka;
}

struct worker_topic *producer_topic(struct producer *producer, const char *name)
{
    char series[80];

    for (struct worker_topic *topic = producer->topics; topic; topic = topic->next) {
        if (strcmp(rd_kafka_topic_name(topic->handle), name) == 0)
            return topic;
    }
    struct worker_topic *topic = mem_zero(sizeof(*topic));

    snprintf(series, sizeof(series), "haechi_%s_outputs_acknowledged_total", producer->service);
    topic->handle = rd_kafka_topic_new(producer->kafka, name, NULL);
    topic->produced =
        metrics_counter(producer->metrics, series, "Records that the broker acknowledged.",
                        LABEL("topic", name), NO_LABEL);
    topic->next = producer->topics;
    producer->topics = topic;
    return topic;
}

static void make_metrics(struct producer *producer)
{
    char name[80];

    snprintf(name, sizeof(name), "haechi_%s_outputs_resent_total", producer->service);
    producer->resent = metrics_counter(producer->metrics, name,
                                       "Records sent again after a refusal.", NO_LABEL, NO_LABEL);
    snprintf(name, sizeof(name), "haechi_%s_acknowledge_seconds", producer->service);
    producer->seconds = metrics_histogram(
        producer->metrics, name, "From handing a record over to its acknowledgement.", NO_LABEL);
}

struct producer *producer_open(const struct kafka_settings *settings, const char *service,
                               const char *dead_letters, struct metrics *metrics,
                               struct conditions *conditions, struct error *err)
{
    rd_kafka_conf_t *conf = kafka_conf_producer(settings, err);
    char why[300];

    if (!conf)
        return NULL;
    struct producer *producer = mem_zero(sizeof(*producer));

    producer->service = service;
    producer->metrics = metrics;
    producer->conditions = conditions;
    rd_kafka_conf_set_opaque(conf, producer);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_error_cb(conf, on_error);
    producer->kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    if (!producer->kafka) {
        rd_kafka_conf_destroy(conf);
        free(producer);
        error_set(err, -EINVAL, "kafka: %s", why);
        return NULL;
    }
    make_metrics(producer);
    producer->dead_letters = producer_topic(producer, dead_letters);
    return producer;
}

void producer_close(struct producer *producer)
{
    if (!producer)
        return;
    rd_kafka_purge(producer->kafka, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(producer->kafka, 1000);
    while (producer->refused) {
        struct flight *next = producer->refused->next;

        flight_end(producer, producer->refused, false);
        producer->refused = next;
    }
    while (producer->topics) {
        struct worker_topic *next = producer->topics->next;

        rd_kafka_topic_destroy(producer->topics->handle);
        free(producer->topics);
        producer->topics = next;
    }
    rd_kafka_destroy(producer->kafka);
    free(producer);
}
