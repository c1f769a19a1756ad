#include "io/worker_parts.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/log.h"

enum {
    POLL_MS = 100,
    SERVE_MS = 20,
    TICK_US = 1000 * 1000,
    RETRY_FIRST_MS = 50,
    RETRY_LIMIT_MS = 5000,
    LEAVING_US = 5 * 1000 * 1000, /* a rebalance waits for us so long at most */
    CLOSING_US = 8 * 1000 * 1000, /* of shutdown.timeout, kept for leaving the group */
    ARENA_BLOCK = 1 << 20,
    ARENA_KEPT = 8 << 20,
    LANE_ARENA_BLOCK = 128 << 10,
};

/* Stalls. */

const char *worker_failure(const struct worker *worker)
{
    const char *failure = producer_failure(worker->producer);

    return failure ? failure : consumer_failure(worker->consumer);
}

/* When stopping, the last moment at which outputs are still waited for. */
static int64_t flush_deadline_us(const struct worker *worker)
{
    int64_t timeout_us = worker->config->own.shutdown_timeout_ms * 1000;
    int64_t closing_us = timeout_us / 3 < CLOSING_US ? timeout_us / 3 : CLOSING_US;

    return lifecycle_deadline_us(worker->lifecycle) - closing_us;
}

/* One turn of waiting for something: reports are heard, what is acknowledged is stored, the group
 * keeps us. */
static void serve(struct worker *worker)
{
    endpoint_beat(worker->pulse);
    producer_serve(worker->producer, SERVE_MS);
    consumer_store(worker->consumer);
    consumer_stall(worker->consumer);
}

bool worker_wait_for_room(void *self)
{
    struct worker *worker = self;

    serve(worker);
    if (worker_failure(worker))
        return false;
    return !lifecycle_is_stopping(worker->lifecycle) ||
           clock_monotonic_us() < flush_deadline_us(worker);
}

static bool wait_to_retry(struct worker *worker, int64_t delay_ms)
{
    int64_t until_us = clock_monotonic_us() + delay_ms * 1000;

    do {
        serve(worker);
        if (worker_failure(worker) || lifecycle_is_stopping(worker->lifecycle))
            return false;
    } while (clock_monotonic_us() < until_us);
    return true;
}

/* Partitions go: what is on its way gets a moment to arrive, so that less comes twice. */
static void on_leaving(void *self)
{
    struct worker *worker = self;
    int64_t until_us = clock_monotonic_us() + LEAVING_US;

    if (lifecycle_is_stopping(worker->lifecycle) && flush_deadline_us(worker) < until_us)
        until_us = flush_deadline_us(worker);
    while (producer_in_flight(worker->producer) > 0 && clock_monotonic_us() < until_us &&
           !producer_failure(worker->producer)) {
        endpoint_beat(worker->pulse);
        producer_serve(worker->producer, SERVE_MS);
    }
}

/* The loop. */

static enum batch_outcome handle_once(struct worker *worker, struct batch *batch, struct error *err)
{
    int64_t begin_us = clock_monotonic_us();

    arena_reset(worker->arena, ARENA_KEPT);
    batch->arena = worker->arena;
    batch->now_ms = clock_now_ms();
    batch->cluster = consumer_cluster(worker->consumer);

    enum batch_outcome outcome = worker->ops->handle(worker->service, batch, err);

    metrics_observe(worker->ledger.batch_seconds, (double)(clock_monotonic_us() - begin_us) / 1e6);
    return outcome;
}

/* Between half of @delay_ms and all of it, so that workers that lost the same thing do not all come
 * back for it at once. */
static int64_t jitter(int64_t delay_ms)
{
    return delay_ms / 2 + clock_monotonic_us() % (delay_ms / 2 + 1);
}

/* False: it is to be given back. */
static bool handle(struct worker *worker, struct batch *batch)
{
    int64_t delay_ms = RETRY_FIRST_MS;
    struct error err = {0};

    while (handle_once(worker, batch, &err) == BATCH_RETRY) {
        metrics_add(worker->ledger.batch_retries, 1);
        conditions_set(worker->conditions, "batch", err.text);
        if (!wait_to_retry(worker, jitter(delay_ms)))
            return false;
        delay_ms = delay_ms * 2 < RETRY_LIMIT_MS ? delay_ms * 2 : RETRY_LIMIT_MS;
    }
    conditions_set(worker->conditions, "batch", NULL);
    return !delivery_is_given_up(worker->delivery);
}

static void tick(struct worker *worker)
{
    int64_t now_us = clock_monotonic_us();

    if (now_us >= worker->tick_us) {
        worker->tick_us = now_us + TICK_US;
        consumer_tick(worker->consumer);
    }
    if (worker->ops->tick && now_us >= worker->tick_own_us) {
        worker->tick_own_us =
            now_us + (worker->ops->tick_ms ? worker->ops->tick_ms * 1000 : TICK_US);
        worker->ops->tick(worker->service, clock_now_ms());
    }
}

static void reload(struct worker *worker)
{
    struct error err = {0};

    if (!lifecycle_take_reload(worker->lifecycle) || !worker->ops->reload)
        return;
    if (worker->ops->reload(worker->service, &err) < 0)
        log_error("reload_failed", LOG_TEXT("error", err.text),
                  LOG_TEXT("consequence", "what was loaded before stays in force"));
    else
        log_info("reloaded");
}

/* False: this was the last turn. */
static bool turn(struct worker *worker)
{
    struct batch batch;

    endpoint_beat(worker->pulse);
    producer_serve(worker->producer, 0);
    consumer_store(worker->consumer);
    reload(worker);
    tick(worker);
    if (worker_failure(worker) || lifecycle_is_stopping(worker->lifecycle))
        return false;
    if (!delivery_take(worker->delivery, producer_is_waiting(worker->producer) ? 1 : POLL_MS,
                       &batch))
        return true;
    if (!handle(worker, &batch)) {
        delivery_give_up(worker->delivery);
        return false;
    }
    delivery_done(worker->delivery);
    return true;
}

static void flush(struct worker *worker)
{
    while (producer_in_flight(worker->producer) > 0 && !worker_failure(worker) &&
           clock_monotonic_us() < flush_deadline_us(worker))
        serve(worker);
    consumer_store(worker->consumer);
}

/* The exit status. */
static int run(struct worker *worker)
{
    while (turn(worker))
        ;
    const char *failure = worker_failure(worker);

    if (failure) {
        log_error("failed", LOG_TEXT("error", failure),
                  LOG_TEXT("consequence", "the worker ends; what was not acknowledged will be "
                                          "read again"));
        lifecycle_stop(worker->lifecycle);
    } else {
        flush(worker);
    }
    size_t left = producer_in_flight(worker->producer);

    if (left > 0)
        log_warn("not_all_acknowledged", LOG_INT("outputs", left),
                 LOG_TEXT("consequence", "their messages will be read again"));
    return failure ? 1 : 0;
}

/* Opening and closing. */

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

static int open_consumer(struct worker *worker, struct error *err)
{
    const struct topic_settings *topics = &worker->config->shared.topics;
    const char *written[] = {topics->detected_events,     topics->correlated_alerts,
                             topics->siem_deliveries,     topics->iocs,
                             topics->compliance_findings, topics->dead_letters};
    const struct consumer_settings settings = {
        .kafka = &worker->config->shared.kafka,
        .group = worker->group,
        .start_at = worker->start_at,
        .is_slim = worker->lane != NULL,
        .topics = worker->topics,
        .written = {written, COUNT_OF(written)},
        .ledger = &worker->ledger,
        .conditions = worker->conditions,
        .leaving = on_leaving,
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

/* 0, or the exit status. */
static int open_all(struct worker *worker, struct error *err)
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
static void close_all(struct worker *worker)
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

static void show_start(struct worker *worker, int64_t begin_us)
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
    log_info("started", LOG_TEXT("version", HAECHI_VERSION),
             LOG_TEXT("brokers", worker->config->shared.kafka.bootstrap_servers),
             LOG_TEXT("group", worker->group), LOG_INT("port", endpoint_port(worker->endpoint)),
             LOG_NUMBER("seconds", seconds));
}

/* A worker without lanes. */
static int live_alone(struct worker *worker, int64_t begin_us, struct error *err)
{
    AUTO(arena) arena = arena_new(ARENA_BLOCK);
    int status;

    worker->arena = arena;
    worker->pulse = endpoint_pulse(worker->endpoint, worker->ops->name);
    worker->group = worker->config->own.group;
    worker->start_at = (enum group_start)worker->config->own.start_at;
    ledger_init(&worker->ledger, worker->metrics, worker->ops->name);
    status = open_all(worker, err);
    if (status == 0) {
        show_start(worker, begin_us);
        status = run(worker);
    }
    close_all(worker);
    return status;
}

/* Lanes. */

struct lane {
    struct worker worker;
    struct conditions *conditions;
    struct arena *arena;
    struct buf group; /* the default */
    pthread_t thread;
};

static void *run_lane(void *self)
{
    struct worker *worker = self;

    worker->status = run(worker);
    return NULL;
}

static int open_lane(struct lane *lane, const struct worker *process,
                     const struct worker_lane *named, struct error *err)
{
    AUTO_BUF pulse = {0};

    buf_addf(&pulse, "%s %s", process->ops->lane_word, named->name);
    lane->conditions = conditions_part(process->conditions, named->name);
    lane->arena = arena_new(LANE_ARENA_BLOCK);
    lane->worker = *process;
    lane->worker.lane = named->name;
    lane->worker.pulse = endpoint_pulse(process->endpoint, buf_string(&pulse));
    buf_addf(&lane->group, "%s-%s", process->config->own.group, named->name);
    lane->worker.group = named->group ? named->group : buf_string(&lane->group);
    lane->worker.start_at = (enum group_start)named->start_at;
    lane->worker.gather = named->gather;
    lane->worker.conditions = lane->conditions;
    lane->worker.arena = lane->arena;
    ledger_init_lane(&lane->worker.ledger, process->metrics, process->ops->name,
                     LABEL(process->ops->lane_word, named->name));
    return open_all(&lane->worker, err);
}

static void close_lane(struct lane *lane)
{
    if (lane->conditions)
        close_all(&lane->worker);
    conditions_free(lane->conditions);
    buf_done(&lane->group);
    arena_free(lane->arena);
}

static int run_lanes(struct lane *lanes, size_t count)
{
    int status = 0;

    for (size_t i = 0; i < count; i++)
        pthread_create(&lanes[i].thread, NULL, run_lane, &lanes[i].worker);
    for (size_t i = 0; i < count; i++) {
        pthread_join(lanes[i].thread, NULL);
        status |= lanes[i].worker.status;
    }
    return status;
}

/* Those to run: all, or the one that was asked for. */
static size_t choose_lanes(const struct worker *worker, struct worker_lane *named, size_t count)
{
    const char *only = worker->config->lane;

    for (size_t i = 0; only && i < count; i++) {
        if (strcmp(named[i].name, only) == 0) {
            named[0] = named[i];
            return 1;
        }
    }
    return only ? 0 : count;
}

static int refuse_lane(const struct worker *worker, struct error *err)
{
    const char *word = worker->ops->lane_word, *only = worker->config->lane;

    if (only)
        error_set(err, -ENOENT, "%s.%ss has no %s called '%s'", worker->ops->name, word, word,
                  only);
    else
        error_set(err, -ENOENT, "%s.%ss is empty; it must name at least one %s", worker->ops->name,
                  word, word);
    return 2;
}

/* glibc gives each of many threads a heap of its own, and keeps what is freed: with some hundred
 * threads, most of which wait, that is several times what is in use. Large blocks, as those that
 * librdkafka unpacks into, go back at once. */
static void be_thrifty(void)
{
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

static int live_in_lanes(struct worker *worker, int64_t begin_us, struct error *err)
{
    size_t count = worker->ops->lanes(worker->config->service, NULL);
    struct worker_lane *named = mem_zero((count + 1) * sizeof(*named));

    be_thrifty();
    worker->ops->lanes(worker->config->service, named);
    count = choose_lanes(worker, named, count);
    struct lane *lanes = mem_zero((count + 1) * sizeof(*lanes));
    int status = count > 0 ? 0 : refuse_lane(worker, err);

    for (size_t i = 0; i < count && status == 0; i++)
        status = open_lane(&lanes[i], worker, &named[i], err);
    if (status == 0) {
        worker->group = lanes[0].worker.group;
        show_start(worker, begin_us);
        status = run_lanes(lanes, count);
    }
    for (size_t i = 0; i < count; i++)
        close_lane(&lanes[i]);
    free(lanes);
    free(named);
    return status;
}

static int live(struct worker *worker, int64_t begin_us)
{
    const struct worker_settings *own = &worker->config->own;
    struct error err = {0};
    int status = 1;

    worker->endpoint = endpoint_open(own->metrics_address, (int)own->metrics_port,
                                     worker->ops->name, worker->metrics, worker->conditions, &err);
    if (worker->endpoint)
        status = worker->ops->lanes ? live_in_lanes(worker, begin_us, &err)
                                    : live_alone(worker, begin_us, &err);
    if (err.text[0])
        worker_config_complain(worker->config, err.text);
    endpoint_close(worker->endpoint);
    if (lifecycle_is_stopping(worker->lifecycle))
        log_info("stopped");
    return status;
}

int worker_main(int argc, char **argv, const struct worker_ops *ops)
{
    int64_t begin_us = clock_monotonic_us();
    struct worker_config config;
    int status;

    if (worker_config_init(&config, argc, argv, ops, &status)) {
        AUTO(metrics) metrics = metrics_new();
        AUTO(conditions) conditions = conditions_new();
        struct worker worker = {
            .config = &config, .ops = ops, .metrics = metrics, .conditions = conditions};

        log_start(ops->name, (enum log_level)config.own.log_level);
        worker.lifecycle = lifecycle_start(config.own.shutdown_timeout_ms);
        status = live(&worker, begin_us);
        lifecycle_end(worker.lifecycle);
    }
    worker_config_done(&config);
    return status;
}
