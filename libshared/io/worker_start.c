/* worker_start: the parts of one worker, opened and closed in the right order. */
#include "io/worker_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/log.h"
#include "io/topic_roles.h"

static int open_producer(struct worker *worker, struct error *err)
{
    const struct producer_settings settings = {
        .kafka = &worker->config->shared.kafka,
        .service = worker->ops->name,
        .dead_letters = worker->config->shared.topics.dead_letters,
        .ledger = &worker->ledger,
        .conditions = worker->conditions,
    };

    worker->producer = producer_open(&settings, err);
    return worker->producer ? 0 : -1;
}

static size_t batch_limit(const struct worker *worker)
{
    size_t most = (size_t)worker->config->own.batch_max_messages;

    return worker->gather.most > 0 && worker->gather.most < most ? worker->gather.most : most;
}

static enum kafka_fetch fetch_of(const struct worker *worker)
{
    if (worker->lane)
        return KAFKA_FETCH_SLIM;
    return worker->ops->reads_in_turn ? KAFKA_FETCH_IN_TURN : KAFKA_FETCH_MUCH;
}

static int open_consumer(struct worker *worker, struct error *err)
{
    const char *written[TOPIC_ROLES_WRITTEN];

    topic_roles_written(&worker->config->shared.topics, written);
    const struct consumer_settings settings = {
        .kafka = &worker->config->shared.kafka,
        .group = worker->group,
        .start_at = worker->start_at,
        .fetch = fetch_of(worker),
        .topics = worker->topics,
        .written = {written, COUNT_OF(written)},
        .ledger = &worker->ledger,
        .conditions = worker->conditions,
        .leaving = worker_leaving,
        .self = worker,
    };

    worker->consumer = consumer_open(&settings, err);
    if (!worker->consumer)
        return -1;
    worker->delivery = delivery_new(&(struct delivery_settings){
        .limit = batch_limit(worker),
        .consumer = worker->consumer,
        .producer = worker->producer,
        .ledger = &worker->ledger,
        .lane = worker->lane,
        .gather = worker->gather,
        .wait = worker_wait_for_room,
        .self = worker,
    });
    return 0;
}

static int status_of(const struct error *err)
{
    return err->class == ERROR_CONFIG ? 2 : 1;
}

int worker_open_all(struct worker *worker, struct error *err)
{
    if (open_producer(worker, err) < 0)
        return status_of(err);
    worker->service = worker->ops->open(worker, worker->config->service, err);
    if (!worker->service || open_consumer(worker, err) < 0)
        return status_of(err);
    return 0;
}

/* The consumer goes first: once its partitions are given back, nothing that is forgotten here can
 * move their positions. */
void worker_close_all(struct worker *worker)
{
    if (worker->delivery)
        delivery_drop(worker->delivery);
    consumer_close(worker->consumer);
    if (worker->delivery && delivery_is_given_up(worker->delivery))
        delivery_done(worker->delivery);
    delivery_free(worker->delivery);
    producer_close(worker->producer);
    if (worker->service)
        worker->ops->close(worker->service);
    for (size_t i = 0; i < worker->topics.count; i++)
        free((void *)(uintptr_t)worker->topics.items[i]);
    free(worker->topics.items);
    free(worker->standings);
}

void worker_show_start(struct worker *worker, int64_t begin_us)
{
    char name[96];
    const char *service = worker->ops->name;
    double seconds = (double)(clock_monotonic_us() - begin_us) / 1e6;

    snprintf(name, sizeof(name), "haechi_%s_build_info", service);
    metrics_set(metrics_gauge(worker->metrics, name, "Always 1; what is running is in the label.",
                              LABEL("version", HAECHI_VERSION), NO_LABEL),
                1);
    snprintf(name, sizeof(name), "haechi_%s_start_seconds", service);
    metrics_set(metrics_gauge(worker->metrics, name,
                              "From the start of the process to its first poll.", NO_LABEL,
                              NO_LABEL),
                seconds);
    conditions_set(worker->conditions, "start", NULL);
    log_info("started", LOG_TEXT("version", HAECHI_VERSION),
             LOG_TEXT("brokers", worker->config->shared.kafka.bootstrap_servers),
             LOG_TEXT("group", worker->group), LOG_INT("port", endpoint_port(worker->endpoint)),
             LOG_NUMBER("seconds", seconds));
}
