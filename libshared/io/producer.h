/* producer: what a worker writes, and the promise that it arrives.
 *
 * Each output remembers the message it was made from (its source), whole, until the broker has it.
 * The broker's refusals are of two kinds. What it will never take (too large) sends the source to
 * dead letters. What an operator can mend (topic missing, no permission) is tried again for ever
 * and shown as a condition. A dead letter that is refused is tried again for ever too: it holds its
 * partition. Only a fatal error of librdkafka ends the worker (producer_is_lost).
 *
 * One thread; delivery reports are served in producer_poll().
 */
#pragma once

#include <librdkafka/rdkafka.h>

#include "base/metrics.h"
#include "base/settlement.h"
#include "io/conditions.h"
#include "io/shared_settings.h"
#include "io/worker.h"

struct producer;

/* The message an output was made from; shared by all outputs of one message. */
struct producer_source;

struct producer *producer_open(const struct kafka_settings *settings, const char *service,
                               const char *dead_letters, struct metrics *metrics,
                               struct conditions *conditions, struct error *err);
/* Forgets what is in flight; its spans stay unsettled. */
void producer_close(struct producer *producer);

struct worker_topic *producer_topic(struct producer *producer, const char *name);

/* Copies @message. The caller holds one reference and gives it back with producer_drop(). */
struct producer_source *producer_source(struct producer *producer,
                                        const rd_kafka_message_t *message,
                                        struct settlement_span *span);
void producer_drop(struct producer *producer, struct producer_source *source);

/* False: the queue is full; poll, and call again. */
bool producer_send(struct producer *producer, struct producer_source *source,
                   const struct output *output);
bool producer_send_dead_letter(struct producer *producer, struct producer_source *source,
                               const char *reason, const char *sentence);

/* Serves delivery reports, waiting at most @timeout_ms for one, and sends again what was refused
 * some time ago. */
void producer_poll(struct producer *producer, int timeout_ms);

size_t producer_in_flight(const struct producer *producer);
/* Above the bound on what may be in flight: poll before handling more. */
bool producer_is_full(const struct producer *producer);
bool producer_is_lost(const struct producer *producer);
rd_kafka_t *producer_client(struct producer *producer);
