/* worker_services: what services ask of the worker around them. */
#include "io/worker_parts.h"

#include "io/clock.h"

void worker_produce(struct batch *batch, size_t i, const struct output *output)
{
    delivery_produce(batch->delivery, i, output);
}

void worker_put_back(struct batch *batch, size_t i)
{
    delivery_put_back(batch->delivery, i);
}

size_t worker_standings(struct worker *worker, const struct standing **standings,
                        uint64_t *generation)
{
    struct assignment *assignment = consumer_assignment(worker->consumer, generation);
    size_t count = assignment_count(assignment);

    if (count > worker->standing_capacity) {
        worker->standing_capacity = count;
        worker->standings = mem_resize(worker->standings, count * sizeof(*worker->standings));
    }
    for (size_t i = 0; i < count; i++) {
        const struct partition *partition = assignment_at(assignment, i);

        worker->standings[i] = (struct standing){text_of(partition->topic), partition->id,
                                                 partition->is_at_end, partition->is_held};
    }
    *standings = worker->standings;
    return count;
}

bool worker_reaches_kafka(struct worker *worker)
{
    return consumer_reaches_kafka(worker->consumer);
}

bool worker_let_go(struct worker *worker, size_t i)
{
    uint64_t generation;
    struct partition *partition =
        assignment_at(consumer_assignment(worker->consumer, &generation), i);

    return consumer_let_go(worker->consumer, partition);
}

bool worker_send(struct worker *worker, const struct output *output, const struct receipt *receipt)
{
    while (!producer_send_alone(worker->producer, output, receipt)) {
        if (!worker_wait_for_room(worker))
            return false;
    }
    return true;
}

void worker_reject(struct batch *batch, size_t i, const char *reason, const char *sentence)
{
    delivery_reject(batch->delivery, i, reason, sentence);
}

struct text worker_header(const struct batch *batch, size_t i, const char *name)
{
    return delivery_header(batch->delivery, i, name);
}

void worker_subscribe(struct worker *worker, const char *const *topics, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        worker->topics.items = mem_grow(worker->topics.items, worker->topics.count,
                                        &worker->topic_capacity, sizeof(*worker->topics.items));
        worker->topics.items[worker->topics.count++] = mem_copy_text(topics[i]);
    }
}

struct worker_topic *worker_topic(struct worker *worker, const char *name)
{
    return producer_topic(worker->producer, name);
}

const char *worker_group(const struct worker *worker)
{
    return worker->group;
}

const char *worker_lane(const struct worker *worker)
{
    return worker->lane;
}

bool worker_keep(struct worker *worker)
{
    endpoint_beat(worker->pulse);
    producer_serve(worker->producer, 0);
    consumer_store(worker->consumer);
    consumer_stall(worker->consumer);
    return !worker_failure(worker) && !lifecycle_is_stopping(worker->lifecycle);
}

bool worker_may_finish(const struct worker *worker)
{
    enum { MOST_US = 5 * 1000 * 1000 };
    int64_t timeout_us = worker->config->own.shutdown_timeout_ms * 1000;
    int64_t grace_us = timeout_us / 3 < MOST_US ? timeout_us / 3 : MOST_US;

    return !worker_failure(worker) &&
           clock_monotonic_us() < lifecycle_deadline_us(worker->lifecycle) - timeout_us + grace_us;
}

const struct settings *worker_settings(const struct worker *worker)
{
    return worker->config->loaded;
}

struct settings *worker_settings_again(const struct worker *worker, void *into, struct error *err)
{
    return worker_config_again(worker->config, into, err);
}

struct metrics *worker_metrics(struct worker *worker)
{
    return worker->metrics;
}

const struct kafka_settings *worker_kafka(const struct worker *worker)
{
    return &worker->config->shared.kafka;
}

const struct topic_settings *worker_topics(const struct worker *worker)
{
    return &worker->config->shared.topics;
}

const struct redis_settings *worker_redis(const struct worker *worker)
{
    return &worker->config->shared.redis;
}

const struct registry_settings *worker_registry(const struct worker *worker)
{
    return &worker->config->shared.registry;
}

void worker_condition(struct worker *worker, const char *name, const char *problem)
{
    conditions_set(worker->conditions, name, problem);
}
