/* worker_parts: the worker's inside, for worker.c and worker_services.c only. */
#pragma once

#include "io/conditions.h"
#include "io/consumer.h"
#include "io/delivery.h"
#include "io/endpoint.h"
#include "io/lifecycle.h"
#include "io/producer.h"
#include "io/worker.h"
#include "io/worker_config.h"

struct worker {
    const struct worker_config *config;
    const struct worker_ops *ops;
    const char *lane; /* NULL: the worker has none */
    const char *group;
    enum group_start start_at;
    struct worker_gather gather;
    int status; /* of its run() */
    struct metrics *metrics;
    struct ledger ledger;
    struct conditions *conditions;
    struct lifecycle *lifecycle;
    struct endpoint *endpoint;
    struct pulse *pulse; /* of its loop */
    struct producer *producer;
    struct consumer *consumer;
    struct delivery *delivery;
    struct arena *arena;
    void *service;
    struct text_list topics; /* owned, with its items */
    size_t topic_capacity;
    int64_t tick_us;     /* not before */
    int64_t tick_own_us; /* of the service's */
    struct standing *standings;
    size_t standing_capacity;
};

/* What ended it for good, NULL if nothing did. */
const char *worker_failure(const struct worker *worker);

/* Serves until the producer's queue may have room; false: the worker ends. @self is a worker. */
bool worker_wait_for_room(void *self);
