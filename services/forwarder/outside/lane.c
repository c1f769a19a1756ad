#include "forwarder/outside/lane.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash64.h"
#include "forwarder/outside/shipper.h"
#include "io/clock.h"
#include "io/log.h"

enum {
    TURN_US = 20 * 1000,
    LOOK_US = 1000 * 1000, /* between looks at the files of secrets, while it delivers */
    STUCK_US = 60 * 1000 * 1000,
    SOME = 25, /* alerts that are read, or settled, before it looks up */
};

struct lane {
    struct lane_settings settings;
    struct dispatch dispatch;
    struct shipper **shippers;
    size_t shipper_count;
    struct batch *batch; /* that is being delivered */
    struct item **items; /* of it, in their order; the dispatch's queue is the same array */
    size_t count, capacity;
    size_t told;     /* so many from the first are settled, and the service knows of it */
    bool is_over;    /* no request may begin any more */
    int64_t look_us; /* not before */
    struct log_limit renew_limit;
    struct histogram *latency;
    bool is_stuck; /* the condition is set */
};

static struct counter *counter(const struct lane_settings *settings, const char *name,
                               const char *help)
{
    return metrics_counter(worker_metrics(settings->worker), name, help,
                           LABEL("target", settings->target->name), NO_LABEL);
}

static void obey(struct lane *lane, const struct target_settings *target)
{
    const struct target_limits limits = forwarder_target_limits(target);
    struct gate *gate = &lane->dispatch.gate;

    lane->dispatch.capacity = limits.max_events;
    gate->max_rate = limits.max_rate;
    gate->patience.first_ms = target->retry_first_ms;
    gate->patience.limit_ms = target->retry_limit_ms;
}

static void open_dispatch(struct lane *lane, const struct lane_settings *settings)
{
    struct dispatch *dispatch = &lane->dispatch;

    dispatch_init(dispatch);
    dispatch->worker = settings->worker;
    dispatch->kafka = worker_kafka(settings->worker);
    dispatch->edition = edition_first(settings->worker, settings->target);
    dispatch->attempts =
        counter(settings, "haechi_forwarder_attempts_total", "Requests, or bundles of records.");
    dispatch->retries = counter(settings, "haechi_forwarder_retries_total",
                                "Attempts after which alerts had to be sent again.");
    dispatch->held = counter(settings, "haechi_forwarder_held_total",
                             "Attempts that failed for settings or rights: an operator has to mend "
                             "them.");
}

struct lane *lane_open(const struct lane_settings *settings)
{
    struct lane *lane = mem_zero(sizeof(*lane));

    lane->settings = *settings;
    open_dispatch(lane, settings);
    obey(lane, settings->target);
    lane->latency =
        metrics_histogram(worker_metrics(settings->worker), "haechi_forwarder_delivery_seconds",
                          "From an alert's emitted_at to the target's acknowledgement.",
                          LABEL("target", settings->target->name));
    lane->shipper_count = (size_t)settings->target->concurrency;
    lane->shippers = mem_zero(lane->shipper_count * sizeof(struct shipper *));
    for (size_t i = 0; i < lane->shipper_count; i++)
        lane->shippers[i] = shipper_start(&lane->dispatch);
    return lane;
}

void lane_close(struct lane *lane)
{
    if (!lane)
        return;
    atomic_store(&lane->dispatch.is_over, true);
    for (size_t i = 0; i < lane->shipper_count; i++)
        shipper_end(lane->shippers[i]);
    dispatch_done(&lane->dispatch);
    free(lane->shippers);
    free(lane->items);
    free(lane);
}

/* Settings. */

static void renew(struct lane *lane)
{
    struct dispatch *dispatch = &lane->dispatch;
    struct error err = {0};
    uint64_t passed_over;
    struct edition *before = dispatch->edition;
    struct edition *next = edition_next(lane->settings.worker, before, &err);

    if (!next && log_limit(&lane->renew_limit, &passed_over))
        log_warn("settings_not_renewed", LOG_TEXT("target", worker_lane(lane->settings.worker)),
                 LOG_TEXT("error", err.text), LOG_INT("passed_over", passed_over));
    pthread_mutex_lock(&dispatch->lock);
    if (next) {
        dispatch->edition = next;
        obey(lane, next->target);
        gate_mended(&dispatch->gate);
    }
    dispatch->wants_renewal = false;
    pthread_cond_broadcast(&dispatch->news);
    pthread_mutex_unlock(&dispatch->lock);
    if (next)
        edition_release(before);
}

/* Has somebody replaced a token, or does a target that refuses us wait for that? */
static void look_at_settings(struct lane *lane)
{
    struct dispatch *dispatch = &lane->dispatch;
    int64_t now_us = clock_monotonic_us();

    pthread_mutex_lock(&dispatch->lock);
    bool is_due = dispatch->wants_renewal && now_us >= dispatch->gate.shut_us;

    pthread_mutex_unlock(&dispatch->lock);
    if (now_us >= lane->look_us) {
        lane->look_us = now_us + LOOK_US;
        is_due = is_due || edition_is_stale(dispatch->edition);
    }
    if (is_due)
        renew(lane);
}

struct edition *lane_edition(struct lane *lane)
{
    lane->look_us = 0; /* the next request has to have what is there now */
    look_at_settings(lane);
    return edition_hold(lane->dispatch.edition);
}

/* Settling. */

static void settle(struct lane *lane, struct item *item)
{
    const bool is_dead = item->state == ITEM_DEAD;
    const struct siem_delivery receipt = {
        .alert_id = item->alert.alert_id,
        .revision = item->alert.revision,
        .target = text_of(worker_lane(lane->settings.worker)),
        .status = is_dead ? SIEM_DEAD : SIEM_DELIVERED,
        .attempts = item->attempts,
        .http_status = item->http_status ? item->http_status : RECORD_NULL,
        .reason = is_dead ? text_of(item->reason) : TEXT(""),
        .latency_ms = item->settled_ms - item->alert.emitted_at,
        .delivered_at = item->settled_ms,
        .tenant = item->alert.tenant,
    };

    if (!is_dead)
        metrics_observe(lane->latency, (double)receipt.latency_ms / 1000);
    lane->settings.settled(lane->settings.self, lane->batch, item, &receipt);
    free(item->reason);
    item->reason = NULL;
}

/* Items at their end that the service has not heard of yet; at most @most. With the lock. */
static size_t collect_settled(struct lane *lane, struct item **settled, size_t most)
{
    size_t found = 0;

    while (lane->told < lane->dispatch.next && lane->items[lane->told]->is_told)
        lane->told++;
    for (size_t i = lane->told; i < lane->dispatch.next && found < most; i++) {
        struct item *item = lane->items[i];

        if (item->state == ITEM_OPEN || item->is_told)
            continue;
        item->is_told = true;
        settled[found++] = item;
    }
    return found;
}

/* False: there were none. With the lock, which it lets go of meanwhile. */
static bool settle_some(struct lane *lane)
{
    struct item *settled[SOME];
    size_t count = collect_settled(lane, settled, COUNT_OF(settled));

    if (count == 0)
        return false;
    pthread_mutex_unlock(&lane->dispatch.lock);
    for (size_t i = 0; i < count; i++)
        settle(lane, settled[i]);
    pthread_mutex_lock(&lane->dispatch.lock);
    return true;
}

/* Delivering. */

/* One that hangs in a call that does not come back has to be seen. With the lock. */
static void look_for_stuck(struct lane *lane)
{
    int64_t now_us = clock_monotonic_us();
    bool is_stuck = false;

    for (size_t i = 0; i < lane->shipper_count; i++)
        is_stuck |= shipper_is_busy(lane->shippers[i]) &&
                    now_us - shipper_moved_us(lane->shippers[i]) > STUCK_US;
    if (is_stuck != lane->is_stuck)
        worker_condition(lane->settings.worker, "connection",
                         is_stuck ? "a request to the target has hung for more than 60 s" : NULL);
    lane->is_stuck = is_stuck;
}

/* False: no new request may begin. Requests that have begun are finished if there is time. */
static bool keep(struct lane *lane)
{
    struct dispatch *dispatch = &lane->dispatch;

    if (worker_keep(lane->settings.worker)) {
        look_at_settings(lane);
        return true;
    }
    pthread_mutex_lock(&dispatch->lock);
    dispatch->is_stopping = true;
    pthread_cond_broadcast(&dispatch->news);
    pthread_mutex_unlock(&dispatch->lock);
    if (!worker_may_finish(lane->settings.worker))
        atomic_store(&dispatch->is_over, true);
    return false;
}

/* With the lock. */
static bool are_all_settled(const struct lane *lane)
{
    for (size_t i = 0; i < lane->count; i++) {
        if (lane->items[i]->state == ITEM_OPEN)
            return false;
    }
    return true;
}

/* Lets shippers take what was added. With the lock. */
static void publish(struct lane *lane, bool is_whole)
{
    struct dispatch *dispatch = &lane->dispatch;

    dispatch->queue = lane->items;
    dispatch->end = lane->count;
    dispatch->is_whole = is_whole;
    if (is_whole || dispatch->end - dispatch->next >= dispatch->capacity)
        pthread_cond_broadcast(&dispatch->news); /* else there is nothing that they would take */
}

void lane_begin(struct lane *lane, struct batch *batch)
{
    lane->batch = batch;
    lane->count = lane->told = 0;
    if (batch->count <= lane->capacity)
        return;
    lane->capacity = batch->count;
    lane->items = mem_resize(lane->items, batch->count * sizeof(struct item *));
}

void lane_add(struct lane *lane, struct item *item)
{
    item->identity = hash64(0, item->alert.alert_id);
    lane->items[lane->count++] = item;
    if (lane->count % SOME > 0)
        return;
    lane->is_over |= !keep(lane);
    pthread_mutex_lock(&lane->dispatch.lock);
    publish(lane, false);
    settle_some(lane);
    pthread_mutex_unlock(&lane->dispatch.lock);
}

/* One turn of waiting for what travels; false: nothing does, and nothing waits. */
static bool wait_for_arrivals(struct lane *lane)
{
    struct dispatch *dispatch = &lane->dispatch;

    lane->is_over |= !keep(lane);
    pthread_mutex_lock(&dispatch->lock);
    const bool has_settled = settle_some(lane);
    const bool is_due =
        has_settled || dispatch->busy > 0 || (!lane->is_over && dispatch->next < dispatch->end);

    if (is_due && !has_settled)
        dispatch_wait(dispatch, TURN_US);
    look_for_stuck(lane);
    pthread_mutex_unlock(&dispatch->lock);
    return is_due;
}

int lane_finish(struct lane *lane)
{
    struct dispatch *dispatch = &lane->dispatch;

    pthread_mutex_lock(&dispatch->lock);
    publish(lane, true);
    pthread_mutex_unlock(&dispatch->lock);
    while (wait_for_arrivals(lane))
        ;
    pthread_mutex_lock(&dispatch->lock);
    const bool is_done = are_all_settled(lane);

    dispatch->next = dispatch->end = 0;
    pthread_mutex_unlock(&dispatch->lock);
    return is_done ? 0 : -EINTR;
}
