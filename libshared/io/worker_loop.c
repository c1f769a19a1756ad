/* worker_loop: one turn after another: poll, handle, settle; and what is done while something has
 * to be waited for. */
#include "io/worker_parts.h"

#include "base/patience.h"
#include "io/chance.h"
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
    ARENA_KEPT = 8 << 20,
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

void worker_leaving(void *self)
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

/* False: it is to be given back. */
static bool handle(struct worker *worker, struct batch *batch)
{
    struct patience patience = {.first_ms = RETRY_FIRST_MS, .limit_ms = RETRY_LIMIT_MS};
    struct error err = {0};

    while (handle_once(worker, batch, &err) == BATCH_RETRY) {
        metrics_add(worker->ledger.batch_retries, 1);
        conditions_set(worker->conditions, "batch", err.text);
        if (!wait_to_retry(worker, patience_wait(&patience, 0, chance_number())))
            return false;
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

int worker_run(struct worker *worker)
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
