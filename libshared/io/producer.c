#include "io/producer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/kafka_conf.h"
#include "io/refusal.h"
#include "io/worker_topic.h"

/* Bounds of what is in flight. One output above them is taken when there is nothing else. */
enum {
    OUTPUTS_LIMIT = 100000,
    BYTES_LIMIT = 64 << 20,
    OUTPUT_OVERHEAD = 512, /* librdkafka's own structures, roughly */
};

struct producer {
    struct producer_settings settings;
    rd_kafka_t *kafka;
    struct worker_topic *topics;
    struct worker_topic *dead_letters;
    struct kept_queue alone; /* each to be sent with nothing else on its way */
    bool is_alone;           /* one of them is on its way */
    bool is_behind;
    size_t with_kafka; /* outputs that librdkafka has not yet reported on */
    size_t outputs, bytes;
    char *failure;
};

/* With the copy of its message, which it may be the only one to hold. */
static size_t weight(const struct pending *pending, size_t key_size, size_t value_size)
{
    return key_size + value_size + pending->size + OUTPUT_OVERHEAD;
}

static void account(struct producer *producer, struct pending *pending, struct text key,
                    struct text value)
{
    pending_hold(pending);
    producer->outputs++;
    producer->bytes += weight(pending, key.size, value.size);
}

static void let_go(struct producer *producer, struct pending *pending, size_t key_size,
                   size_t value_size)
{
    producer->outputs--;
    producer->bytes -= weight(pending, key_size, value_size);
    pending_release(pending);
}

static bool is_full(const struct producer *producer)
{
    if (producer->is_alone || producer->alone.first)
        return true;
    return producer->outputs > 0 &&
           (producer->outputs >= OUTPUTS_LIMIT || producer->bytes >= BYTES_LIMIT);
}

static bool is_purge(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

/* Hands one record to librdkafka, which takes over @headers (may be NULL) if all is well. */
static rd_kafka_resp_err_t hand_over(struct producer *producer, struct worker_topic *topic,
                                     struct pending *pending, struct text key, struct text value,
                                     rd_kafka_headers_t *headers)
{
    rd_kafka_vu_t parts[6] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic->handle},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key.bytes, key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)value.bytes, value.size}},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = pending},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(producer->kafka, parts, headers ? 6 : 5);
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);

    if (error) {
        rd_kafka_error_destroy(error);
        return code;
    }
    if (topic->with_kafka++ == 0)
        topic->progress_us = clock_monotonic_us();
    producer->with_kafka++;
    return code;
}

/* Keeping and sending again. */

static void keep(struct kept *kept, rd_kafka_resp_err_t code)
{
    worker_topic_refused(kept->topic, code);
    kept_push(&kept->topic->kept, kept);
}

static void count_dead_letter(struct producer *producer, const char *reason)
{
    metrics_add(ledger_dead_letters(producer->settings.ledger, reason), 1);
}

/* An output that no broker will take: the message it was made from goes to dead letters in its
 * place, once. */
static void give_up(struct producer *producer, struct kept *kept, rd_kafka_resp_err_t code)
{
    struct pending *pending = kept->pending;

    if (kept->topic == producer->dead_letters) {
        kept->is_suspect = true;
        keep(kept, code);
        return;
    }
    if (!pending->is_dead_letter) {
        char sentence[300];
        const struct dead_letter *letter = &pending->letter;

        snprintf(sentence, sizeof(sentence), "topic '%s' refused a record of %zu bytes: %s",
                 kept->topic->name, kept->value.size, rd_kafka_err2str(code));
        pending->is_dead_letter = true;
        count_dead_letter(producer, "broker_refused");
        account(producer, pending, letter->key, letter->value);
        kept_push(&producer->dead_letters->kept,
                  kept_new(producer->dead_letters, pending, letter->key, letter->value,
                           dead_letter_headers(letter, producer->settings.service, "broker_refused",
                                               sentence)));
    }
    let_go(producer, pending, kept->key.size, kept->value.size);
    kept_free(kept);
}

/* @resent: counts it, unless it is the first time (NULL). False: no room. */
static bool send_kept(struct producer *producer, struct kept *kept, struct counter *resent)
{
    rd_kafka_resp_err_t code =
        hand_over(producer, kept->topic, kept->pending, kept->key, kept->value, kept->headers);

    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return false;
    if (refusal_is_final(code)) {
        give_up(producer, kept, code);
    } else if (code) {
        keep(kept, code);
    } else {
        if (resent)
            metrics_add(resent, 1);
        kept->headers = NULL;
        kept_free(kept);
    }
    return true;
}

static void send_due(struct producer *producer, struct worker_topic *topic)
{
    struct kept_queue due = topic->kept;

    if (!due.first || clock_monotonic_us() < topic->due_us)
        return;
    topic->kept = (struct kept_queue){NULL, NULL};
    for (struct kept *kept; (kept = kept_pop(&due));) {
        if (kept->is_suspect) {
            kept_push(&producer->alone, kept);
        } else if (!send_kept(producer, kept, producer->settings.ledger->resent)) {
            kept_push(&topic->kept, kept);
            while ((kept = kept_pop(&due)))
                kept_push(&topic->kept, kept);
        }
    }
}

static void send_alone(struct producer *producer)
{
    if (producer->is_alone || producer->with_kafka > 0 || !producer->alone.first)
        return;
    struct kept *kept = kept_pop(&producer->alone);

    /* The queue is empty, so it has room; is_alone must be right when the report comes. */
    producer->is_alone = true;
    size_t before = producer->with_kafka;

    send_kept(producer, kept, producer->settings.ledger->resent);
    if (producer->with_kafka == before)
        producer->is_alone = false;
}

/* Waiting for their turn. */

static void send_waiting(struct producer *producer, struct worker_topic *topic)
{
    if (producer->is_alone || producer->alone.first ||
        !worker_topic_is_due(topic, clock_monotonic_us(), producer->is_behind))
        return;
    topic->handed_us = clock_monotonic_us();
    for (struct kept *kept; (kept = kept_pop(&topic->waiting)); topic->waiting_count--) {
        if (!send_kept(producer, kept, NULL)) {
            kept_push_first(&topic->waiting, kept);
            return;
        }
    }
}

/* librdkafka's callbacks, in producer_serve(). */

static struct text view(const void *bytes, size_t size)
{
    return (struct text){bytes, size};
}

static void on_refused(struct producer *producer, struct worker_topic *topic,
                       const rd_kafka_message_t *message, bool was_alone)
{
    rd_kafka_headers_t *headers = NULL;

    rd_kafka_message_headers(message, &headers);
    struct kept *kept = kept_new(topic, message->_private, view(message->key, message->key_len),
                                 view(message->payload, message->len),
                                 headers ? rd_kafka_headers_copy(headers) : NULL);

    if (!refusal_is_final(message->err))
        keep(kept, message->err);
    else if (was_alone)
        give_up(producer, kept, message->err);
    else
        kept_push(&producer->alone, kept);
}

static void on_report(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    struct producer *producer = opaque;
    struct worker_topic *topic = rd_kafka_topic_opaque(message->rkt);
    struct pending *pending = message->_private;
    bool was_alone = producer->is_alone;

    (void)kafka;
    producer->with_kafka--;
    producer->is_alone = false;
    topic->with_kafka--;
    topic->progress_us = clock_monotonic_us();
    if (message->err && !is_purge(message->err)) {
        on_refused(producer, topic, message, was_alone);
        return;
    }
    if (!message->err) {
        metrics_add(topic->produced, 1);
        topic->answer_us = rd_kafka_message_latency(message);
        metrics_observe(producer->settings.ledger->ack_seconds, (double)topic->answer_us / 1e6);
        worker_topic_took(topic);
    } else {
        pending->is_lost = true;
    }
    let_go(producer, pending, message->key_len, message->len);
}

static void on_error(rd_kafka_t *kafka, int code, const char *reason, void *opaque)
{
    struct producer *producer = opaque;
    char text[400];
    AUTO_BUF failure = {0};

    (void)reason; /* the consumer tells of brokers that are away */
    if (code != RD_KAFKA_RESP_ERR__FATAL || producer->failure)
        return;
    if (rd_kafka_fatal_error(kafka, text, sizeof(text)) ==
        RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
        buf_add_string(&failure, "no permission to write to any topic; allow WRITE on the output "
                                 "topics to the user of kafka.properties: ");
    buf_add_string(&failure, text);
    producer->failure = mem_copy_text(buf_string(&failure));
}

/* Public. */

struct producer *producer_open(const struct producer_settings *settings, struct error *err)
{
    rd_kafka_conf_t *conf = kafka_conf_producer(settings->kafka, err);

    if (!conf)
        return NULL;
    struct producer *producer = mem_zero(sizeof(*producer));

    producer->settings = *settings;
    rd_kafka_conf_set_opaque(conf, producer);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_error_cb(conf, on_error);
    /* What is acknowledged must be reported, whatever kafka.properties say. */
    rd_kafka_conf_set(conf, "delivery.report.only.error", "false", NULL, 0);
    producer->kafka = kafka_conf_client(RD_KAFKA_PRODUCER, conf, settings->kafka, err);
    if (!producer->kafka) {
        free(producer);
        return NULL;
    }
    producer->dead_letters = producer_topic(producer, settings->dead_letters);
    return producer;
}

static void drop_queue(struct producer *producer, struct kept_queue *queue)
{
    for (struct kept *kept; (kept = kept_pop(queue));) {
        kept->pending->is_lost = true;
        let_go(producer, kept->pending, kept->key.size, kept->value.size);
        kept_free(kept);
    }
}

void producer_close(struct producer *producer)
{
    if (!producer)
        return;
    rd_kafka_purge(producer->kafka, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (int tries = 0; tries < 20 && producer->with_kafka > 0; tries++)
        rd_kafka_poll(producer->kafka, 50);
    drop_queue(producer, &producer->alone);
    for (struct worker_topic *topic = producer->topics, *after; topic; topic = after) {
        after = topic->after;
        drop_queue(producer, &topic->waiting);
        drop_queue(producer, &topic->kept);
        worker_topic_free(topic);
    }
    rd_kafka_destroy(producer->kafka);
    free(producer->failure);
    free(producer);
}

struct worker_topic *producer_topic(struct producer *producer, const char *name)
{
    for (struct worker_topic *topic = producer->topics; topic; topic = topic->after) {
        if (strcmp(topic->name, name) == 0)
            return topic;
    }
    struct worker_topic *topic =
        worker_topic_new(producer->kafka, name, producer->settings.conditions,
                         ledger_produced_to(producer->settings.ledger, name));

    topic->after = producer->topics;
    producer->topics = topic;
    return topic;
}

/* @headers are taken over. */
static void take(struct producer *producer, struct worker_topic *topic, struct pending *pending,
                 struct text key, struct text value, rd_kafka_headers_t *headers)
{
    account(producer, pending, key, value);
    kept_push(&topic->waiting, kept_new(topic, pending, key, value, headers));
    topic->waiting_count++;
}

static rd_kafka_headers_t *headers_of(const struct output *output)
{
    if (output->header_count == 0)
        return NULL;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(output->header_count);

    for (size_t i = 0; i < output->header_count; i++) {
        const struct header *header = &output->headers[i];

        rd_kafka_header_add(headers, header->name, -1,
                            header->value.size ? header->value.bytes : "",
                            (ssize_t)header->value.size);
    }
    return headers;
}

/* A key that is empty is none: librdkafka then spreads the records itself. */
static struct text key_of(const struct output *output)
{
    return output->key.size ? output->key : (struct text){NULL, 0};
}

static struct text value_of(const struct output *output)
{
    return output->value.bytes ? output->value : TEXT("");
}

bool producer_send(struct producer *producer, struct pending *pending, const struct output *output)
{
    if (is_full(producer))
        return false;
    take(producer, output->topic, pending, key_of(output), value_of(output), headers_of(output));
    return true;
}

bool producer_send_alone(struct producer *producer, const struct output *output,
                         const struct receipt *receipt)
{
    struct pending *pending = pending_new_alone(output->topic->name, output, receipt);
    bool is_taken = producer_send(producer, pending, output);

    if (!is_taken)
        pending->receipt.settled = NULL;
    pending_release(pending);
    return is_taken;
}

bool producer_reject(struct producer *producer, struct pending *pending,
                     const struct dead_letter *letter, const char *reason, const char *sentence)
{
    if (pending->is_dead_letter)
        return true;
    if (is_full(producer))
        return false;
    take(producer, producer->dead_letters, pending, letter->key, letter->value,
         dead_letter_headers(letter, producer->settings.service, reason, sentence));
    pending->is_dead_letter = true;
    count_dead_letter(producer, reason);
    return true;
}

void producer_serve(struct producer *producer, int timeout_ms)
{
    rd_kafka_poll(producer->kafka, timeout_ms);
    for (struct worker_topic *topic = producer->topics; topic; topic = topic->after) {
        send_due(producer, topic);
        send_waiting(producer, topic);
        worker_topic_look_into(topic, producer->kafka);
    }
    send_alone(producer);
}

void producer_set_behind(struct producer *producer, bool is_behind)
{
    producer->is_behind = is_behind;
}

bool producer_is_waiting(const struct producer *producer)
{
    for (const struct worker_topic *topic = producer->topics; topic; topic = topic->after) {
        if (topic->waiting.first)
            return true;
    }
    return false;
}

size_t producer_in_flight(const struct producer *producer)
{
    return producer->outputs;
}

const char *producer_failure(const struct producer *producer)
{
    return producer->failure;
}
