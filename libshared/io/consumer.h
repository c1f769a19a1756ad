/* consumer: a member of a consumer group, and where it stands in each of its partitions.
 *
 * Positions are stored by hand, span by span (settlement.h), and committed each second and when
 * partitions go. A partition without a position begins where the settings say and
 * that is committed at once; one whose position Kafka no longer has goes on at the earliest, and
 * what is gone is counted. A position behind the end (the topic was made anew, or lost its end) is
 * treated likewise, and so is a topic made anew that is longer already: then logs may come twice,
 * but none is missed.
 *
 * One thread, which also runs the group's rebalances, in every function that polls.
 */
#pragma once

#include <librdkafka/rdkafka.h>

#include "base/error.h"
#include "base/settlement.h"
#include "io/assignment.h"
#include "io/conditions.h"
#include "io/kafka_conf.h"
#include "io/ledger.h"
#include "io/shared_settings.h"

struct consumer;

struct consumer_settings {
    const struct kafka_settings *kafka;
    const char *group;
    enum group_start start_at;
    enum kafka_fetch fetch;
    struct text_list topics;  /* names, or regexes that start with ^ */
    struct text_list written; /* topics that a regex never matches */
    struct ledger *ledger;
    struct conditions *conditions;
    /* Called when partitions are about to go: what can be settled soon should be. */
    void (*leaving)(void *self);
    void *self;
};

/* Joins the group by itself. @settings and what they point to are borrowed. */
struct consumer *consumer_open(const struct consumer_settings *settings, struct error *err);

/* Commits what is settled, leaves the group. Messages must be destroyed before. */
void consumer_close(struct consumer *consumer); /* NULL is fine */

/* Waits at most @timeout_ms for a message and takes what else is there, up to @limit; returns how
 * many. Messages of one partition come in order. The caller destroys them. */
size_t consumer_collect(struct consumer *consumer, rd_kafka_message_t **messages, size_t limit,
                        int timeout_ms);

/* Another number when messages that were collected before it changed may belong to an assignment or
 * a topic that is gone. Who still holds such, not handed to consumer_take(), destroys them and has
 * them collected again by consumer_rewind(). */
uint64_t consumer_upsets(const struct consumer *consumer);
void consumer_rewind(struct consumer *consumer);

/* Adds a span for @count messages of one partition, of which @last is the last. */
struct span *consumer_take(struct consumer *consumer, const rd_kafka_message_t *last, size_t count);

/* @message, which was handed out, and what follows it in its partition will be handed out again,
 * not before consumer_let_go(). Its span must have been cut. */
void consumer_hold(struct consumer *consumer, const rd_kafka_message_t *message);
bool consumer_let_go(struct consumer *consumer, struct partition *partition);
/* The partitions that it has; and a number that is another one after every change of them. */
struct assignment *consumer_assignment(struct consumer *consumer, uint64_t *generation);

/* Once a second: stores what has been settled since, if the positions before are still there. */
void consumer_store(struct consumer *consumer);

/* For stalls that near max.poll.interval.ms: stays in the group without reading. Nothing while it
 * is early; then pauses and polls. consumer_collect() ends it. */
void consumer_stall(struct consumer *consumer);

/* About once a second: lag, conditions, what could not be placed before. */
void consumer_tick(struct consumer *consumer);

/* False: no broker answers. */
bool consumer_reaches_kafka(const struct consumer *consumer);

/* The cluster's id; empty until a broker has told it. */
struct text consumer_cluster(struct consumer *consumer);

/* Why it cannot go on (librdkafka's fatal errors); NULL: it can. */
const char *consumer_failure(const struct consumer *consumer);
