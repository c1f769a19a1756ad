/* consumer_parts: what the consumer's files share: how it is opened and closed (consumer_open.c),
 * what it hears besides messages (consumer_events.c), how it polls (consumer.c). */
#pragma once

#include "io/consumer.h"
#include "io/fetching.h"
#include "io/log.h"

struct consumer {
    struct consumer_settings settings;
    rd_kafka_t *kafka;
    rd_kafka_queue_t *queue;
    struct assignment *assignment;
    struct fetching fetching;
    int64_t polled_us;
    int64_t patience_us;
    int64_t store_us, check_us; /* not before */
    enum group_start start;     /* of partitions without a position */
    bool was_assigned;          /* once at least */
    bool was_revoked;           /* since consumer_collect() last looked */
    bool is_paused;
    uint64_t generation; /* of assignments */
    uint64_t upsets;     /* consumer_upsets() */
    bool is_misplaced;   /* some partition has no usable position */
    bool has_no_broker;  /* the condition is set */
    char *cluster;
    char *failure;
    struct log_limit event_limit;
};

/* For librdkafka; @opaque is the consumer. */
void consumer_on_rebalance(rd_kafka_t *kafka, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t *list, void *opaque);
void consumer_on_error(rd_kafka_t *kafka, int code, const char *reason, void *opaque);

/* @event came in place of a message. */
void consumer_on_event(struct consumer *consumer, const rd_kafka_message_t *event);
