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
};

struct lane {
    struct lane_settings settings;
    struct dispatch dispatch;
    struct shipper **shippers;
    size_t shipper_count;
    size_t capacity; /* alerts in a shipment */
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

    lane->capacity = limits.max_events;
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

const struct edition *lane_edition(struct lane *lane)
{
    lane->look_us = 0; /* the next request has to have what is there now */
    look_at_settings(lane);
    return lane->dispatch.edition;
}

/* Settling. */

static void settle(struct lane *lane, struct batch *batch, struct item *item)
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
    lane->settings.settled(lane->settings.self, batch, item, &receipt);
    free(item->reason);
    item->reason = NULL;
}

/* Items at their end that the lane has not heard of yet; at most @most. */
static size_t collect_settled(struct shipper *shipper, struct item **settled, size_t most)
{
    size_t count, found = 0;
    struct item **items = shipper_items(shipper, &count);

    for (size_t i = 0; i < count && found < most; i++) {
        if (items[i]->state == ITEM_OPEN || items[i]->is_told)
            continue;
        items[i]->is_told = true;
        settled[found++] = items[i];
    }
    return found;
}

/* With the lock, which it lets go of meanwhile. */
static void settle_all(struct lane *lane, struct batch *batch)
{
    struct item *settled[100];

    for (size_t i = 0; i < lane->shipper_count; i++) {
        size_t count;

        while ((count = collect_settled(lane->shippers[i], settled, COUNT_OF(settled))) > 0) {
            pthread_mutex_unlock(&lane->dispatch.lock);
            for (size_t k = 0; k < count; k++)
                settle(lane, batch, settled[k]);
            pthread_mutex_lock(&lane->dispatch.lock);
        }
    }
}

/* Handing out. With the lock. */

static bool is_among(struct item *const *items, size_t count, uint64_t identity)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i]->identity == identity)
            return true;
    }
    return false;
}

/* A later revision waits until the earlier has arrived, wherever that is. */
static bool is_on_its_way(const struct lane *lane, uint64_t identity)
{
    for (size_t i = 0; i < lane->shipper_count; i++) {
        size_t count;
        struct item **items = shipper_items(lane->shippers[i], &count);

        if (shipper_is_busy(lane->shippers[i]) && is_among(items, count, identity))
            return true;
    }
    return false;
}

/* How many of @count items may go together, and now. Two revisions of one alert never do: a target
 * that takes a part could take the later and refuse the earlier for now. */
static size_t cut(const struct lane *lane, struct item **items, size_t count)
{
    size_t size = 0;

    while (size < count && size < lane->capacity && !is_among(items, size, items[size]->identity) &&
           !is_on_its_way(lane, items[size]->identity))
        size++;
    return size;
}

/* It is idle, and all that it settled is told. */
static bool is_free(const struct shipper *shipper)
{
    size_t count;
    struct item **items = shipper_items(shipper, &count);

    for (size_t i = 0; i < count; i++) {
        if (items[i]->state != ITEM_OPEN && !items[i]->is_told)
            return false;
    }
    return !shipper_is_busy(shipper);
}

/* Returns how many of @items have gone; *@busy shippers are under way then. */
static size_t hand_out(struct lane *lane, struct item **items, size_t count, size_t *busy)
{
    size_t gone = 0;

    *busy = 0;
    for (size_t i = 0; i < lane->shipper_count; i++) {
        struct shipper *shipper = lane->shippers[i];
        size_t size = is_free(shipper) ? cut(lane, items + gone, count - gone) : 0;

        if (size > 0)
            shipper_take(shipper, items + gone, size);
        gone += size;
        *busy += shipper_is_busy(shipper);
    }
    return gone;
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

static bool are_all_settled(struct item **items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i]->state == ITEM_OPEN)
            return false;
    }
    return true;
}

int lane_deliver(struct lane *lane, struct batch *batch, struct item *items, size_t count)
{
    struct item **left = arena_take(batch->arena, (count + 1) * sizeof(struct item *));
    size_t next = 0, busy = 0;
    bool may_begin = true;

    for (size_t i = 0; i < count; i++) {
        items[i].identity = hash64(0, items[i].alert.alert_id);
        left[i] = &items[i];
    }
    do {
        may_begin = keep(lane) && may_begin;
        pthread_mutex_lock(&lane->dispatch.lock);
        next += hand_out(lane, left + next, may_begin ? count - next : 0, &busy);
        if (busy > 0)
            dispatch_wait(&lane->dispatch, TURN_US);
        settle_all(lane, batch);
        look_for_stuck(lane);
        pthread_mutex_unlock(&lane->dispatch.lock);
    } while (busy > 0 || (may_begin && next < count));
    for (size_t i = 0; i < lane->shipper_count; i++)
        shipper_forget(lane->shippers[i]);
    return are_all_settled(left, count) ? 0 : -EINTR;
}
