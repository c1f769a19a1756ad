/* pending: a message with outputs that are not all acknowledged, or an output that stands for
 * itself.
 *
 * Shared by its outputs, and held by the batch while the message is being handled; when the last
 * of them lets go, the message is settled. It keeps a copy of the message, so that what the broker
 * refuses can still become a dead letter.
 */
#pragma once

#include <librdkafka/rdkafka.h>

#include "base/settlement.h"
#include "io/dead_letter.h"
#include "io/ledger.h"
#include "io/worker.h"

struct pending {
    struct span *span; /* NULL: it stands for itself */
    struct ledger *ledger;
    struct receipt receipt; /* of one that stands for itself */
    bool is_lost;           /* the producer ended before it was acknowledged */
    size_t holders;
    bool is_dead_letter; /* it went, or will go, to dead letters */
    bool is_kept;        /* @letter is there */
    struct dead_letter letter;
    void *memory; /* of @letter */
    size_t size;  /* what it takes once it is kept, for bounds */
};

/* Of @message; held once, by the caller. */
struct pending *pending_new(struct span *span, struct ledger *ledger,
                            const rd_kafka_message_t *message);
/* Of @output, whose topic has this name: made from no message. What the broker refuses becomes a
 * dead letter itself. */
struct pending *pending_new_alone(const char *topic, const struct output *output,
                                  const struct receipt *receipt);
/* Copies @message, unless it was copied already. @target (borrowed): the lane whose dead letter it
 * may become; NULL: there are no lanes. */
void pending_keep(struct pending *pending, const rd_kafka_message_t *message, const char *target);
void pending_hold(struct pending *pending);
/* Frees and settles it with the last. */
void pending_release(struct pending *pending);
