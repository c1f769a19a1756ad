/* delivery: the messages of a batch, from the consumer to the settlement of their offsets.
 *
 * What is behind `struct batch`.
 */
#pragma once

#include <librdkafka/rdkafka.h>

#include "io/consumer.h"
#include "io/producer.h"
#include "io/worker.h"

struct delivery;

struct delivery_settings {
    size_t limit; /* messages */
    struct consumer *consumer;
    struct producer *producer;
    struct ledger *ledger;
    const char *lane; /* named in dead letters; NULL: none */
    struct worker_gather gather;
    /* Waits a little, so that there is room for an output. False: no more of this, the batch is to
     * be given back. */
    bool (*wait)(void *self);
    void *self;
};

struct delivery *delivery_new(const struct delivery_settings *settings);
void delivery_free(struct delivery *delivery); /* NULL is fine */

/* Takes a batch from the consumer, and fills @batch with it, save for arena, cluster and time.
 * False: there is nothing within @timeout_ms, or what there is waits for more: call again. */
bool delivery_take(struct delivery *delivery, int timeout_ms, struct batch *batch);

/* What waits for more goes back to Kafka: the consumer cannot be closed before. */
void delivery_drop(struct delivery *delivery);

/* The batch is handled: what nothing was made from is settled, the rest settles by itself. */
void delivery_done(struct delivery *delivery);

/* It could not be handled in time. Its messages stay open, so that their partitions stay before
 * them; delivery_done() must be called when the consumer is closed. */
void delivery_give_up(struct delivery *delivery);
bool delivery_is_given_up(const struct delivery *delivery);

/* What worker_produce(), worker_put_back(), worker_reject() and worker_header() promise. */
void delivery_produce(struct delivery *delivery, size_t i, const struct output *output);
void delivery_put_back(struct delivery *delivery, size_t i);
void delivery_reject(struct delivery *delivery, size_t i, const char *reason, const char *sentence);
struct text delivery_header(const struct delivery *delivery, size_t i, const char *name);
