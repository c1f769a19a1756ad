#include "io/pending.h"

#include <stdlib.h>

struct pending *pending_new(struct span *span, struct ledger *ledger,
                            const rd_kafka_message_t *message)
{
    struct pending *pending = mem_zero(sizeof(*pending));

    pending->span = span;
    pending->ledger = ledger;
    pending->holders = 1;
    pending->size = sizeof(*pending) + message->key_len + message->len;
    return pending;
}

/* Absent stays absent (NULL), empty stays empty. */
static struct text put(char **at, struct text from)
{
    if (!from.bytes)
        return from;
    struct text copy = {*at, from.size};

    if (from.size > 0)
        memcpy(*at, from.bytes, from.size);
    *at += from.size;
    return copy;
}

static void keep(struct pending *pending, struct dead_letter from)
{
    struct text topic = {from.topic, strlen(from.topic) + 1};
    char *at = mem_resize(NULL, from.key.size + from.value.size + topic.size);

    pending->memory = at;
    pending->letter = from;
    pending->letter.topic = put(&at, topic).bytes;
    pending->letter.key = put(&at, from.key);
    pending->letter.value = put(&at, from.value);
    pending->letter.headers = from.headers ? rd_kafka_headers_copy(from.headers) : NULL;
    pending->is_kept = true;
}

void pending_keep(struct pending *pending, const rd_kafka_message_t *message, const char *target)
{
    if (pending->is_kept)
        return;
    struct dead_letter letter = dead_letter_of(message);

    letter.target = target;
    keep(pending, letter);
}

struct pending *pending_new_alone(const char *topic, const struct output *output,
                                  const struct receipt *receipt)
{
    struct pending *pending = mem_zero(sizeof(*pending));

    pending->receipt = *receipt;
    pending->holders = 1;
    pending->size = sizeof(*pending) + output->key.size + output->value.size;
    keep(pending, (struct dead_letter){.key = output->key,
                                       .value = output->value,
                                       .topic = topic,
                                       .partition = RD_KAFKA_PARTITION_UA,
                                       .offset = RD_KAFKA_OFFSET_INVALID});
    return pending;
}

void pending_hold(struct pending *pending)
{
    pending->holders++;
}

void pending_release(struct pending *pending)
{
    if (--pending->holders > 0)
        return;
    if (!pending->span) {
        if (pending->receipt.settled)
            pending->receipt.settled(pending->receipt.self, pending->receipt.number,
                                     !pending->is_lost);
    } else if (settlement_settle(pending->span, 1)) {
        ledger_settle(pending->ledger,
                      pending->is_dead_letter ? LEDGER_DEAD_LETTERED : LEDGER_PRODUCED, 1);
    }
    if (pending->is_kept && pending->letter.headers)
        rd_kafka_headers_destroy(pending->letter.headers);
    free(pending->memory);
    free(pending);
}
