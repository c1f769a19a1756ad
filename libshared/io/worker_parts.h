/* worker_parts: what the worker's files share: its start and end (worker.c, worker_start.c), lanes
 * (worker_lanes.c), the loop (worker_loop.c), what services ask of it (worker_services.c). */
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

/* Opens producer, service and consumer: 0, or the exit status with @err. */
int worker_open_all(struct worker *worker, struct error *err);
void worker_close_all(struct worker *worker); /* also what was opened in part */
/* The process runs now, since @begin_us (clock_monotonic_us()): in the log and the metrics. */
void worker_show_start(struct worker *worker, int64_t begin_us);

/* Opens all lanes of the settings, or the one that was asked for, and runs them to their end.
 * Returns the exit status. */
int worker_live_in_lanes(struct worker *worker, int64_t begin_us, struct error *err);

/* Turns until it is to stop or cannot go on. Returns the exit status. */
int worker_run(struct worker *worker);
/* What ended it for good, NULL if nothing did. */
const char *worker_failure(const struct worker *worker);
/* Serves until the producer's queue may have room; false: the worker ends. @self is a worker. */
bool worker_wait_for_room(void *self);
/* Partitions go: what is on its way gets a moment to arrive, so that less comes twice. @self is a
 * worker. */
void worker_leaving(void *self);
