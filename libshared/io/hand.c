#include "io/hand.h"

#include <stdlib.h>

/* The messages of one partition. */
struct run {
    rd_kafka_topic_t *handle;
    int32_t partition;
    const rd_kafka_message_t *last;
    size_t messages;
    size_t pending; /* of them, messages something was made from */
    struct span *span;
};

struct hand {
    struct hand_settings settings;
    rd_kafka_message_t **taken;
    struct message *messages;
    struct pending **pending; /* by message; NULL: nothing was made from it */
    size_t count;
    size_t pending_limit; /* where @pending ends: @count, which may have gone before */
    struct run *runs;
    size_t run_count, run_capacity;
    bool is_given_up;
};

struct hand *hand_new(const struct hand_settings *settings)
{
    struct hand *hand = mem_zero(sizeof(*hand));

    hand->settings = *settings;
    hand->taken = mem_zero(settings->limit * sizeof(*hand->taken));
    hand->messages = mem_zero(settings->limit * sizeof(*hand->messages));
    hand->pending = mem_zero(settings->limit * sizeof(*hand->pending));
    return hand;
}

void hand_free(struct hand *hand)
{
    if (!hand)
        return;
    free(hand->taken);
    free(hand->messages);
    free(hand->pending);
    free(hand->runs);
    free(hand);
}

static struct run *run_of(struct hand *hand, const rd_kafka_message_t *message)
{
    /* From the newest: messages of a partition mostly follow one another. */
    for (size_t i = hand->run_count; i-- > 0;) {
        if (hand->runs[i].handle == message->rkt && hand->runs[i].partition == message->partition)
            return &hand->runs[i];
    }
    hand->runs = mem_grow(hand->runs, hand->run_count, &hand->run_capacity, sizeof(*hand->runs));
    struct run *run = &hand->runs[hand->run_count++];

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

static void arrange(struct hand *hand)
{
    struct run *run = NULL;
    struct text topic = {NULL, 0};

    for (size_t i = 0; i < hand->count; i++) {
        const rd_kafka_message_t *message = hand->taken[i];

        if (!run || run->handle != message->rkt || run->partition != message->partition) {
            run = run_of(hand, message);
            topic = text_of(rd_kafka_topic_name(message->rkt));
        }
        run->messages++;
        run->last = message;
        fill(&hand->messages[i], message, topic);
    }
    for (size_t i = 0; i < hand->run_count; i++)
        hand->runs[i].span =
            consumer_take(hand->settings.consumer, hand->runs[i].last, hand->runs[i].messages);
}

bool hand_take(struct hand *hand, int timeout_ms, struct batch *batch)
{
    hand->count =
        consumer_collect(hand->settings.consumer, hand->taken, hand->settings.limit, timeout_ms);
    if (hand->count == 0)
        return false;
    hand->pending_limit = hand->count;
    ledger_consume(hand->settings.ledger, hand->count);
    arrange(hand);
    batch->messages = hand->messages;
    batch->count = hand->count;
    batch->hand = hand;
    return true;
}

static void drop_messages(struct hand *hand)
{
    for (size_t i = 0; i < hand->count; i++)
        rd_kafka_message_destroy(hand->taken[i]);
    hand->count = 0;
}

void hand_done(struct hand *hand)
{
    for (size_t i = 0; i < hand->pending_limit; i++) {
        if (hand->pending[i])
            pending_release(hand->pending[i]);
        hand->pending[i] = NULL;
    }
    for (size_t i = 0; i < hand->run_count; i++) {
        size_t nothing = hand->runs[i].messages - hand->runs[i].pending;

        if (nothing > 0 && settlement_settle(hand->runs[i].span, nothing))
            ledger_settle(hand->settings.ledger, LEDGER_NOTHING, nothing);
    }
    hand->run_count = 0;
    drop_messages(hand);
}

void hand_give_up(struct hand *hand)
{
    hand->is_given_up = true;
    drop_messages(hand); /* librdkafka's consumer does not close while it misses any */
}

bool hand_is_given_up(const struct hand *hand)
{
    return hand->is_given_up;
}

/* A service's side. */

static struct pending *pending_of(struct hand *hand, size_t i)
{
    if (!hand->pending[i]) {
        struct run *run = run_of(hand, hand->taken[i]);

        hand->pending[i] = pending_new(run->span, hand->settings.ledger, hand->taken[i]);
        run->pending++;
    }
    return hand->pending[i];
}

static bool wait_for_room(struct hand *hand)
{
    if (!hand->is_given_up)
        hand->is_given_up = !hand->settings.wait(hand->settings.self);
    return !hand->is_given_up;
}

void hand_produce(struct hand *hand, size_t i, const struct output *output)
{
    if (hand->is_given_up)
        return;
    struct pending *pending = pending_of(hand, i);

    pending_keep(pending, hand->taken[i]);
    while (!producer_send(hand->settings.producer, pending, output)) {
        if (!wait_for_room(hand))
            return;
    }
}

void hand_reject(struct hand *hand, size_t i, const char *reason, const char *sentence)
{
    if (hand->is_given_up)
        return;
    struct pending *pending = pending_of(hand, i);
    struct original original = original_of(hand->taken[i]);

    while (!producer_reject(hand->settings.producer, pending, &original, reason, sentence)) {
        if (!wait_for_room(hand))
            return;
    }
}

struct text hand_header(const struct hand *hand, size_t i, const char *name)
{
    rd_kafka_headers_t *headers;
    struct text value = {NULL, 0};
    const void *bytes;

    if (rd_kafka_message_headers(hand->taken[i], &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
        rd_kafka_header_get_last(headers, name, &bytes, &value.size) == RD_KAFKA_RESP_ERR_NO_ERROR)
        value.bytes = bytes;
    return value;
}
