#include "forwarder/outside/lane.h"

#include <errno.h>
#include <stdlib.h>

#include "forwarder/patience.h"
#include "io/clock.h"
#include "io/log.h"

struct lane {
    struct lane_settings settings;
    struct carrier *carrier;
    struct attempt attempt;
    const struct alert **alerts; /* of an attempt */
    size_t capacity;
    struct counter *attempts, *retries, *held;
    struct histogram *latency;
};

static struct counter *counter(const struct lane_settings *settings, const char *name,
                               const char *help)
{
    return metrics_counter(worker_metrics(settings->worker), name, help,
                           LABEL("target", settings->target->name), NO_LABEL);
}

/* Alerts in a parcel: what the settings say, or less where the target takes less (a page is about
 * one alert). */
static size_t capacity_of(const struct target_settings *target)
{
    const struct target_ops *ops = target_find(target->type);
    const size_t wanted = (size_t)target->max_events;
    const size_t most = ops->limits ? ops->limits(target->options).max_events : 0;

    return most > 0 && most < wanted ? most : wanted;
}

struct lane *lane_open(const struct lane_settings *settings)
{
    struct lane *lane = mem_zero(sizeof(*lane));

    lane->settings = *settings;
    lane->capacity = capacity_of(settings->target);
    lane->alerts = mem_zero(lane->capacity * sizeof(struct alert *));
    lane->attempt.each = mem_zero(lane->capacity * sizeof(*lane->attempt.each));
    lane->carrier = carrier_open(settings->target, settings->kafka, settings->keeper);
    lane->attempts =
        counter(settings, "haechi_forwarder_attempts_total", "Requests, or bundles of records.");
    lane->retries = counter(settings, "haechi_forwarder_retries_total",
                            "Attempts after which alerts had to be sent again.");
    lane->held = counter(settings, "haechi_forwarder_held_total",
                         "Attempts that failed for settings or rights: an operator has to mend "
                         "them.");
    lane->latency =
        metrics_histogram(worker_metrics(settings->worker), "haechi_forwarder_delivery_seconds",
                          "From an alert's emitted_at to the target's acknowledgement.",
                          LABEL("target", settings->target->name));
    return lane;
}

void lane_close(struct lane *lane)
{
    if (!lane)
        return;
    carrier_close(lane->carrier);
    buf_done(&lane->attempt.reason);
    free(lane->attempt.each);
    free(lane->alerts);
    free(lane);
}

static void settle(struct lane *lane, struct batch *batch, const struct item *item,
                   enum siem_delivery_status status)
{
    int64_t now_ms = clock_now_ms();
    const struct siem_delivery receipt = {
        .alert_id = item->alert.alert_id,
        .revision = item->alert.revision,
        .target = text_of(lane->settings.target->name),
        .status = (int)status,
        .attempts = item->attempts,
        .http_status = lane->attempt.http_status ? lane->attempt.http_status : RECORD_NULL,
        .reason = status == SIEM_DEAD ? buf_text(&lane->attempt.reason) : TEXT(""),
        .latency_ms = now_ms - item->alert.emitted_at,
        .delivered_at = now_ms,
        .tenant = item->alert.tenant,
    };

    if (status == SIEM_DELIVERED)
        metrics_observe(lane->latency, (double)receipt.latency_ms / 1000);
    lane->settings.settled(lane->settings.self, batch, item, &receipt);
}

/* What is to be done with @count items after an attempt. */
enum step { STEP_DONE, STEP_HALVE, STEP_RETRY, STEP_HOLD };

/* Nobody of several has been found guilty yet. */
static bool is_to_halve(const struct attempt *attempt, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (attempt->each[i] != VERDICT_POISON && attempt->each[i] != VERDICT_TOO_LARGE)
            return false;
    }
    return count > 1;
}

/* Settles what is at its end; the others move to the front of @items. */
static enum step settle_attempt(struct lane *lane, struct batch *batch, struct item **items,
                                size_t *count)
{
    enum step step = STEP_DONE;
    size_t left = 0;

    for (size_t i = 0; i < *count; i++)
        items[i]->attempts++;
    if (is_to_halve(&lane->attempt, *count))
        return STEP_HALVE;
    for (size_t i = 0; i < *count; i++) {
        switch (lane->attempt.each[i]) {
        case VERDICT_DELIVERED:
            settle(lane, batch, items[i], SIEM_DELIVERED);
            continue;
        case VERDICT_POISON:
        case VERDICT_TOO_LARGE:
            settle(lane, batch, items[i], SIEM_DEAD);
            continue;
        case VERDICT_CONFIG:
            step = STEP_HOLD;
            break;
        default:
            step = step == STEP_HOLD ? STEP_HOLD : STEP_RETRY;
        }
        items[left++] = items[i];
    }
    *count = left;
    return step;
}

static int try_once(struct lane *lane, struct item **items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lane->alerts[i] = &items[i]->alert;
    metrics_add(lane->attempts, 1);
    return carrier_attempt(lane->carrier, lane->alerts, count, &lane->attempt);
}

/* Somebody may have mended the settings, or a token in a file was replaced. */
static void renew(struct lane *lane)
{
    carrier_close(lane->carrier); /* first: it borrows what may now be freed */
    const struct target_settings *target = lane->settings.renew(lane->settings.self);

    if (target)
        lane->settings.target = target;
    lane->carrier =
        carrier_open(lane->settings.target, lane->settings.kafka, lane->settings.keeper);
}

/* Shows why it waits, and waits. */
static bool wait(struct lane *lane, enum step step, struct patience *patience)
{
    const char *name = lane->settings.target->name;
    int64_t asked_ms = lane->attempt.asked_wait_ms;

    metrics_add(step == STEP_HOLD ? lane->held : lane->retries, 1);
    worker_condition(lane->settings.worker, "target", buf_string(&lane->attempt.reason));
    int64_t wait_ms = patience_wait(patience, asked_ms, (uint64_t)clock_monotonic_us());

    if (step == STEP_HOLD && wait_ms < patience->limit_ms / 2)
        wait_ms = patience->limit_ms / 2; /* nothing mends itself here */
    log_debug("target_waits", LOG_TEXT("target", name), LOG_INT("ms", wait_ms));
    if (!carrier_wait(lane->settings.keeper, wait_ms))
        return false;
    if (step == STEP_HOLD)
        renew(lane);
    return true;
}

static int deliver_parcel(struct lane *lane, struct batch *batch, struct item **items,
                          size_t count);

static int deliver_halves(struct lane *lane, struct batch *batch, struct item **items, size_t count)
{
    if (deliver_parcel(lane, batch, items, count / 2) < 0)
        return -EINTR;
    return deliver_parcel(lane, batch, items + count / 2, count - count / 2);
}

/* Until all of them are delivered or dead. */
static int deliver_parcel(struct lane *lane, struct batch *batch, struct item **items, size_t count)
{
    struct patience patience = {lane->settings.target->retry_first_ms,
                                lane->settings.target->retry_limit_ms, 0};

    while (count > 0) {
        size_t before = count;

        if (try_once(lane, items, count) < 0)
            return -EINTR;
        enum step step = settle_attempt(lane, batch, items, &count);

        if (step == STEP_HALVE)
            return deliver_halves(lane, batch, items, count);
        if (count < before)
            patience_reset(&patience);
        if (step != STEP_DONE && !wait(lane, step, &patience))
            return -EINTR;
    }
    worker_condition(lane->settings.worker, "target", NULL);
    if (lane->attempt.asked_wait_ms > 0 &&
        !carrier_wait(lane->settings.keeper, lane->attempt.asked_wait_ms))
        return -EINTR;
    return 0;
}

/* Two revisions of one alert never go together: a target that takes a part could take the later
 * and refuse the earlier for now. */
static bool has_alert(struct item *const *items, size_t count, struct text alert_id)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(items[i]->alert.alert_id, alert_id))
            return true;
    }
    return false;
}

int lane_deliver(struct lane *lane, struct batch *batch, struct item *items, size_t count)
{
    struct item **parcel = arena_take(batch->arena, (lane->capacity + 1) * sizeof(*parcel));
    size_t size = 0;

    for (size_t i = 0; i < count; i++) {
        if (size == lane->capacity || has_alert(parcel, size, items[i].alert.alert_id)) {
            if (deliver_parcel(lane, batch, parcel, size) < 0)
                return -EINTR;
            size = 0;
        }
        parcel[size++] = &items[i];
    }
    return deliver_parcel(lane, batch, parcel, size);
}
