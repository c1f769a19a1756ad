/* producer: what a worker writes, and the promise that it arrives.
 *
 * The broker's refusals are of two kinds. What it will never take (too large) sends the message it
 * was made from to dead letters. What an operator can mend (topic missing, no permission) is kept,
 * tried again for ever and shown as a condition. A dead letter that is refused is tried again for
 * ever too: it holds its partition.
 *
 * A broker refuses a whole batch of records for the sake of one, so what is refused in company is
 * sent again alone before it is given up.
 *
 * What comes while records of its topic are under way waits until those are acknowledged, as TCP's
 * small segments do (Nagle), if it is not much: few requests, each as large as the broker's pace
 * makes it, and no wait where nothing is under way.
 *
 * One thread; all its work is done in producer_serve().
 */
#pragma once

#include "base/error.h"
#include "io/conditions.h"
#include "io/ledger.h"
#include "io/pending.h"
#include "io/shared_settings.h"
#include "io/worker.h"

struct producer;

struct producer_settings {
    const struct kafka_settings *kafka;
    const char *service;
    const char *dead_letters; /* topic */
    struct ledger *ledger;
    struct conditions *conditions;
};

/* @settings and what they point to are borrowed. Connects by itself. */
struct producer *producer_open(const struct producer_settings *settings, struct error *err);

/* Forgets what is not acknowledged; its messages' partitions must be given back before. */
void producer_close(struct producer *producer); /* NULL is fine */

/* The same name gives the same topic. */
struct worker_topic *producer_topic(struct producer *producer, const char *name);

/* @output is copied and holds @pending until it is acknowledged. False: no room now; serve, then
 * call again. */
bool producer_send(struct producer *producer, struct pending *pending, const struct output *output);

/* An output that was made from no message; @receipt hears of it if it is taken. */
bool producer_send_alone(struct producer *producer, const struct output *output,
                         const struct receipt *receipt);

/* The same for a message that becomes a dead letter. */
bool producer_reject(struct producer *producer, struct pending *pending,
                     const struct dead_letter *letter, const char *reason, const char *sentence);

/* Delivery reports, waiting at most @timeout_ms for the first; sends again what is due. */
void producer_serve(struct producer *producer, int timeout_ms);

/* Whether more waits to be read than a batch takes, or gathers for: then outputs are in no hurry.
 */
void producer_set_behind(struct producer *producer, bool is_behind);

/* Whether some wait, so that producer_serve() should be called again within a millisecond or so. */
bool producer_is_waiting(const struct producer *producer);

/* Outputs not acknowledged, wherever they are. */
size_t producer_in_flight(const struct producer *producer);

/* Why it cannot go on (librdkafka's fatal errors); NULL: it can. */
const char *producer_failure(const struct producer *producer);
