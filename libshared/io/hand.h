/* hand: the messages of a batch, from the consumer to the settlement of their offsets.
 *
 * What is behind `struct batch`.
 */
#pragma once

#include <librdkafka/rdkafka.h>

#include "io/consumer.h"
#include "io/producer.h"
#include "io/worker.h"

struct hand;

struct hand_settings {
    size_t limit; /* messages */
    struct consumer *consumer;
    struct producer *producer;
    struct ledger *ledger;
    /* Waits a little, so that there is room for an output. False: no more of this, the batch is to
     * be given back. */
    bool (*wait)(void *self);
    void *self;
};

struct hand *hand_new(const struct hand_settings *settings);
void hand_free(struct hand *hand); /* NULL is fine */

/* Takes a batch from the consumer, and fills @batch with it, save for arena, cluster and time.
 * False: there is nothing within @timeout_ms. */
bool hand_take(struct hand *hand, int timeout_ms, struct batch *batch);

/* The batch is handled: what nothing was made from is settled, the rest settles by itself. */
void hand_done(struct hand *hand);

/* It could not be handled in time. Its messages stay open, so that their partitions stay before
 * them; hand_done() must be called when the consumer is closed. */
void hand_give_up(struct hand *hand);
bool hand_is_given_up(const struct hand *hand);

/* What worker_produce(), worker_reject() and worker_header() promise. */
void hand_produce(struct hand *hand, size_t i, const struct output *output);
void hand_reject(struct hand *hand, size_t i, const char *reason, const char *sentence);
struct text hand_header(const struct hand *hand, size_t i, const char *name);
