/* consumer: the group consumer of a worker, and where each partition stands.
 *
 * Eager assignment. Where a partition begins is decided here and not by librdkafka, so that nothing
 * is skipped in silence: a committed position is taken; one that Kafka no longer has (retention) is
 * counted `expired` and reading goes on at the earliest; a group without one begins where the
 * settings say. One thread owns it.
 */
#pragma once

#include <librdkafka/rdkafka.h>

#include "base/metrics.h"
#include "base/settlement.h"
#include "io/conditions.h"
#include "io/producer.h"
#include "io/shared_settings.h"

struct consumer;

struct consumer_options {
    const struct kafka_settings *kafka;
    const struct topic_settings *topics; /* a regex never matches what Haechi writes */
    const char *group;
    int start_at; /* enum group_start */
    const char *service;
};

struct consumer *consumer_open(const struct consumer_options *options,
                               struct settlement *settlement, struct producer *producer,
                               struct metrics *metrics, struct conditions *conditions,
                               struct error *err);
int consumer_subscribe(struct consumer *consumer, const rd_kafka_topic_partition_list_t *topics,
                       struct error *err);

/* Waits up to @timeout_ms for a first message, then takes what else is there, without waiting. The
 * messages belong to the caller. */
size_t consumer_take(struct consumer *consumer, rd_kafka_message_t **messages, size_t limit,
                     int timeout_ms);

/* While a batch cannot be finished: keeps the membership alive, pausing the partitions when the
 * stall grows long. consumer_resume() ends it. */
void consumer_stall(struct consumer *consumer);
void consumer_resume(struct consumer *consumer);

/* Stores what is settled, to be committed within a second. */
void consumer_store(struct consumer *consumer);
/* Sets the gauges of lag. */
void consumer_measure(struct consumer *consumer);
/* Commits what is stored and leaves the group. */
void consumer_close(struct consumer *consumer);
