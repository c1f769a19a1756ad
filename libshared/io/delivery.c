#include "io/delivery.h"

#include <stdlib.h>

#include "io/clock.h"

/* The messages of one partition. */
struct run {
    rd_kafka_topic_t *handle;
    int32_t partition;
    const rd_kafka_message_t *last;
    size_t messages;
    size_t pending; /* of them, messages something was made from */
    struct span *span;
};

struct delivery {
    struct delivery_settings settings;
    rd_kafka_message_t **taken;
    struct message *messages;
    struct pending **pending; /* by message; NULL: nothing was made from it */
    size_t count;
    size_t bytes;    /* of values, while the batch is gathered */
    int64_t due_us;  /* when it has waited long enough */
    uint64_t upsets; /* of the consumer, when its first message came */
    bool is_gathering;
    size_t pending_limit; /* where @pending ends: @count, which may have gone before */
    struct run *runs;
    size_t run_count, run_capacity;
    bool is_given_up;
};

struct delivery *delivery_new(const struct delivery_settings *settings)
{
    struct delivery *delivery = mem_zero(sizeof(*delivery));

    delivery->settings = *settings;
    delivery->taken = mem_zero(settings->limit * sizeof(*delivery->taken));
    delivery->messages = mem_zero(settings->limit * sizeof(*delivery->messages));
    delivery->pending = mem_zero(settings->limit * sizeof(*delivery->pending));
    return delivery;
}

void delivery_free(struct delivery *delivery)
{
    if (!delivery)
        return;
    free(delivery->taken);
    free(delivery->messages);
    free(delivery->pending);
    free(delivery->runs);
    free(delivery);
}

static struct run *run_of(struct delivery *delivery, const rd_kafka_message_t *message)
{
    /* From the newest: messages of a partition mostly follow one another. */
    for (size_t i = delivery->run_count; i-- > 0;) {
        if (delivery->runs[i].handle == message->rkt &&
            delivery->runs[i].partition == message->partition)
            return &delivery->runs[i];
    }
    delivery->runs = mem_grow(delivery->runs, delivery->run_count, &delivery->run_capacity,
                              sizeof(*delivery->runs));
    struct run *run = &delivery->runs[delivery->run_count++];

    *run = (struct run){.handle = message->rkt, .partition = message->partition};
    return run;
}

static void fill(struct message *message, const rd_kafka_message_t *from, struct text topic)
{
    rd_kafka_timestamp_type_t type;
    int64_t at_ms = rd_kafka_message_timestamp(from, &type);

    *message = (struct message){
        .value = {from->payload, from->len},
        .key = {from->key, from->key_len},
        .topic = topic,
        .partition = from->partition,
        .offset = from->offset,
        .at_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : at_ms,
    };
}

static void arrange(struct delivery *delivery)
{
    struct run *run = NULL;
    struct text topic = {NULL, 0};

    for (size_t i = 0; i < delivery->count; i++) {
        const rd_kafka_message_t *message = delivery->taken[i];

        if (!run || run->handle != message->rkt || run->partition != message->partition) {
            run = run_of(delivery, message);
            topic = text_of(rd_kafka_topic_name(message->rkt));
        }
        run->messages++;
        run->last = message;
        fill(&delivery->messages[i], message, topic);
    }
    for (size_t i = 0; i < delivery->run_count; i++)
        delivery->runs[i].span = consumer_take(delivery->settings.consumer, delivery->runs[i].last,
                                               delivery->runs[i].messages);
}

static void drop_messages(struct delivery *delivery)
{
    for (size_t i = 0; i < delivery->count; i++)
        rd_kafka_message_destroy(delivery->taken[i]);
    delivery->count = 0;
    delivery->is_gathering = false;
}

void delivery_drop(struct delivery *delivery)
{
    if (delivery->is_gathering)
        drop_messages(delivery);
}

/* False: the batch waits for more. */
static bool is_gathered(struct delivery *delivery, size_t had)
{
    const struct worker_gather *gather = &delivery->settings.gather;
    int64_t now_us = clock_monotonic_us();

    if (had == 0) {
        delivery->bytes = 0;
        delivery->due_us = now_us + gather->wait_ms * 1000;
        delivery->upsets = consumer_upsets(delivery->settings.consumer);
    }
    for (size_t i = had; i < delivery->count; i++)
        delivery->bytes += delivery->taken[i]->len;
    delivery->is_gathering = now_us < delivery->due_us && delivery->count < gather->messages &&
                             delivery->count < delivery->settings.limit &&
                             delivery->bytes < gather->bytes;
    return !delivery->is_gathering;
}

/* False: there is no batch yet. */
static bool collect(struct delivery *delivery, int timeout_ms)
{
    struct consumer *consumer = delivery->settings.consumer;
    size_t had = delivery->is_gathering ? delivery->count : 0;

    if (had > 0) {
        int64_t left_ms = (delivery->due_us - clock_monotonic_us() + 999) / 1000;

        timeout_ms = left_ms < 0 ? 0 : left_ms < timeout_ms ? (int)left_ms : timeout_ms;
    }
    delivery->count = had + consumer_collect(consumer, delivery->taken + had,
                                             delivery->settings.limit - had, timeout_ms);
    if (had > 0 && consumer_upsets(consumer) != delivery->upsets) {
        drop_messages(delivery);
        consumer_rewind(consumer);
        return false;
    }
    return delivery->count > 0 && is_gathered(delivery, had);
}

/* As many as it takes, or gathers for, were there already. */
static bool is_behind(const struct delivery *delivery)
{
    const size_t gathered = delivery->settings.gather.messages;

    return delivery->count == delivery->settings.limit ||
           (gathered > 0 && delivery->count >= gathered);
}

bool delivery_take(struct delivery *delivery, int timeout_ms, struct batch *batch)
{
    bool is_there = collect(delivery, timeout_ms);

    producer_set_behind(delivery->settings.producer, is_there && is_behind(delivery));
    if (!is_there)
        return false;
    delivery->pending_limit = delivery->count;
    ledger_consume(delivery->settings.ledger, delivery->count);
    arrange(delivery);
    batch->messages = delivery->messages;
    batch->count = delivery->count;
    batch->delivery = delivery;
    return true;
}

void delivery_done(struct delivery *delivery)
{
    for (size_t i = 0; i < delivery->pending_limit; i++) {
        if (delivery->pending[i])
            pending_release(delivery->pending[i]);
        delivery->pending[i] = NULL;
    }
    for (size_t i = 0; i < delivery->run_count; i++) {
        size_t nothing = delivery->runs[i].messages - delivery->runs[i].pending;

        if (nothing > 0 && settlement_settle(delivery->runs[i].span, nothing))
            ledger_settle(delivery->settings.ledger, LEDGER_NOTHING, nothing);
    }
    delivery->run_count = 0;
    drop_messages(delivery);
}

void delivery_give_up(struct delivery *delivery)
{
    delivery->is_given_up = true;
    drop_messages(delivery); /* librdkafka's consumer does not close while it misses any */
}

bool delivery_is_given_up(const struct delivery *delivery)
{
    return delivery->is_given_up;
}

/* A service's side. */

static struct pending *pending_of(struct delivery *delivery, size_t i)
{
    if (!delivery->pending[i]) {
        struct run *run = run_of(delivery, delivery->taken[i]);

        delivery->pending[i] =
            pending_new(run->span, delivery->settings.ledger, delivery->taken[i]);
        run->pending++;
    }
    return delivery->pending[i];
}

static bool wait_for_room(struct delivery *delivery)
{
    if (!delivery->is_given_up)
        delivery->is_given_up = !delivery->settings.wait(delivery->settings.self);
    return !delivery->is_given_up;
}

void delivery_produce(struct delivery *delivery, size_t i, const struct output *output)
{
    if (delivery->is_given_up)
        return;
    struct pending *pending = pending_of(delivery, i);

    pending_keep(pending, delivery->taken[i], delivery->settings.lane);
    while (!producer_send(delivery->settings.producer, pending, output)) {
        if (!wait_for_room(delivery))
            return;
    }
}

/* The span ends at message @i; what is behind it counts as given back. Where the partition went
 * while the batch waited all of it was given back then, and comes again from its position: to hold
 * another assignment of it at this message would pass over what is before. */
void delivery_put_back(struct delivery *delivery, size_t i)
{
    const rd_kafka_message_t *message = delivery->taken[i];
    struct run *run = run_of(delivery, message);
    size_t messages = 0;

    if (delivery->is_given_up || settlement_is_gone(run->span))
        return;
    for (size_t k = i; k < delivery->count; k++)
        messages += delivery->taken[k]->rkt == message->rkt &&
                    delivery->taken[k]->partition == message->partition;
    run->messages -= messages;
    if (!settlement_cut(run->span, message->offset, messages))
        run->span = NULL;
    ledger_settle(delivery->settings.ledger, LEDGER_GIVEN_BACK, messages);
    consumer_hold(delivery->settings.consumer, message);
}

void delivery_reject(struct delivery *delivery, size_t i, const char *reason, const char *sentence)
{
    if (delivery->is_given_up)
        return;
    struct pending *pending = pending_of(delivery, i);
    struct dead_letter letter = dead_letter_of(delivery->taken[i]);

    letter.target = delivery->settings.lane;
    while (!producer_reject(delivery->settings.producer, pending, &letter, reason, sentence)) {
        if (!wait_for_room(delivery))
            return;
    }
}

struct text delivery_header(const struct delivery *delivery, size_t i, const char *name)
{
    rd_kafka_headers_t *headers;
    struct text value = {NULL, 0};
    const void *bytes;

    if (rd_kafka_message_headers(delivery->taken[i], &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
        rd_kafka_header_get_last(headers, name, &bytes, &value.size) == RD_KAFKA_RESP_ERR_NO_ERROR)
        value.bytes = bytes;
    return value;
}
