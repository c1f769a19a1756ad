/* worker_topic: a topic that a worker writes to, and how it is doing. A part of the producer. */
#pragma once

#include "base/patience.h"
#include "io/conditions.h"
#include "io/kept.h"

struct worker_topic {
    struct worker_topic *after; /* the producer's list */
    char *name;
    char *condition; /* of readiness */
    struct conditions *conditions;
    rd_kafka_topic_t *handle;
    struct counter *produced;
    struct kept_queue waiting; /* for worker_topic_is_due() */
    size_t waiting_count;
    int64_t handed_us;      /* when librdkafka was last given some */
    int64_t answer_us;      /* how long the last acknowledgement took */
    struct kept_queue kept; /* refused: until @due_us */
    int64_t due_us;
    struct patience patience;
    size_t with_kafka;   /* outputs that librdkafka has not yet reported on */
    int64_t progress_us; /* it last did, or had nothing to report on */
    bool has_problem;
};

/* librdkafka's handle asks the broker for the topic at once, so that the first record does not
 * wait. @conditions are borrowed. */
struct worker_topic *worker_topic_new(rd_kafka_t *kafka, const char *name,
                                      struct conditions *conditions, struct counter *produced);
void worker_topic_free(struct worker_topic *topic); /* its queue must be empty */

/* Whether what waits shall go to librdkafka now.
 *
 * With enable.idempotence librdkafka has no more than five records of a partition under way, and
 * while others wait there whose linger.ms is over, its thread looks for an answer again and again
 * without a pause (2.0 to 2.15 at least): half a microsecond of processor time a log, and ten where
 * the broker is slow. So what comes while something is under way waits here until that is
 * acknowledged; unless it fills whole requests, or answers take longer than they use to: a
 * partition that has lost its leader must not hold up the others.
 *
 * @is_behind: what is written about is old already, so that milliseconds gain nothing: requests are
 * 10 ms apart, a quarter as many under full load, and the broker has less to do for the same. */
bool worker_topic_is_due(const struct worker_topic *topic, int64_t now_us, bool is_behind);

/* Something was refused: what is kept waits, longer each time. */
void worker_topic_refused(struct worker_topic *topic, rd_kafka_resp_err_t code);
/* Something was taken. */
void worker_topic_took(struct worker_topic *topic);

/* librdkafka does not report on records for a topic of which the broker tells nothing but an error
 * (no permission to describe it, say): it has no partition to put them into, and waits. This asks
 * when reports stay out. */
void worker_topic_look_into(struct worker_topic *topic, rd_kafka_t *kafka);
