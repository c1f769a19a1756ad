#include "forwarder/outside/shipper.h"

#include <errno.h>
#include <stdlib.h>

#include "forwarder/outside/carrier.h"
#include "io/chance.h"
#include "io/clock.h"
#include "io/log.h"

enum {
    TURN_US = 100 * 1000,
    TEND_US = 1000 * 1000,
    MOST_REFUSED = 20, /* in a row: then the fault is hardly theirs */
};

struct shipper {
    struct dispatch *dispatch;
    pthread_t thread;
    struct keeper keeper;
    _Atomic int64_t moved_us;
    /* Its own: */
    struct edition *edition; /* that @carrier works by; held */
    struct carrier *carrier;
    struct tail tail; /* of all its carriers */
    struct attempt attempt;
    const struct alert **alerts; /* of an attempt */
    size_t capacity;
    size_t most; /* alerts in a request */
    bool is_ailing;
    /* Under the dispatch's lock: */
    struct shipment shipment;
    bool is_ending;
};

static bool keep(void *self)
{
    struct shipper *shipper = self;

    atomic_store(&shipper->moved_us, clock_monotonic_us());
    return !atomic_load(&shipper->dispatch->is_over);
}

/* Waits until a request may go; false: none may any more. */
static bool enter(struct shipper *shipper)
{
    struct dispatch *dispatch = shipper->dispatch;
    bool may_go = false;

    pthread_mutex_lock(&dispatch->lock);
    while (keep(shipper) && !dispatch->is_stopping && !may_go) {
        int64_t now_us = clock_monotonic_us();
        /* The lane reads the settings again when the wait is over, and then says so. */
        bool is_unmended = dispatch->wants_renewal && now_us >= dispatch->gate.shut_us;
        int64_t left_us = is_unmended ? GATE_UNTIL_NEWS : gate_pass(&dispatch->gate, now_us);

        may_go = left_us == 0;
        if (!may_go)
            dispatch_wait(dispatch, left_us > 0 && left_us < TURN_US ? left_us : TURN_US);
    }
    pthread_mutex_unlock(&dispatch->lock);
    return may_go;
}

static void turn_back(struct shipper *shipper)
{
    pthread_mutex_lock(&shipper->dispatch->lock);
    gate_turned_back(&shipper->dispatch->gate);
    pthread_cond_broadcast(&shipper->dispatch->news);
    pthread_mutex_unlock(&shipper->dispatch->lock);
}

/* From here on by the settings that are in force now. */
static void renew(struct shipper *shipper)
{
    struct dispatch *dispatch = shipper->dispatch;

    pthread_mutex_lock(&dispatch->lock);
    struct edition *edition = edition_hold(dispatch->edition);

    pthread_mutex_unlock(&dispatch->lock);
    if (shipper->carrier && edition->number == shipper->edition->number) {
        edition_release(edition);
        return;
    }
    carrier_close(shipper->carrier); /* first: it borrows what may now be freed */
    edition_release(shipper->edition);
    shipper->edition = edition;
    shipper->carrier =
        carrier_open(edition->target, dispatch->kafka, &shipper->keeper, &shipper->tail);
    shipper->most = forwarder_target_limits(edition->target).max_events;
}

/* What is to be done with items after an attempt. */
enum step {
    STEP_DONE,
    STEP_HALVE,
    STEP_RETRY,
    STEP_HOLD,
    STEP_DOUBT, /* hold, and see first what becomes of others */
};

/* Nobody of several has been found guilty yet. */
static bool is_to_halve(const struct attempt *attempt, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (attempt->each[i] != VERDICT_POISON && attempt->each[i] != VERDICT_TOO_LARGE)
            return false;
    }
    return count > 1;
}

/* Is what is refused alone not to be believed to be guilty? A target that refuses everything (a
 * proxy before it has lost its certificate, its mapping is wrong) would send the whole stream to
 * dead letters. With the lock. */
static bool is_doubtful(const struct shipper *shipper)
{
    return shipper->dispatch->refused >= MOST_REFUSED;
}

/* Has the target refused an alert that was alone? What is longer than its documented cap it was not
 * asked about. */
static bool is_refused_alone(const struct attempt *attempt, size_t count)
{
    return count == 1 && (attempt->each[0] == VERDICT_POISON ||
                          (attempt->each[0] == VERDICT_TOO_LARGE && attempt->http_status > 0));
}

static void say_doubt(struct attempt *attempt)
{
    AUTO_BUF why = {0};

    buf_add(&why, buf_text(&attempt->reason));
    buf_reset(&attempt->reason);
    buf_addf(&attempt->reason,
             "%d alerts in a row were refused, each alone, so that the fault is hardly theirs; the "
             "others are kept: %s",
             MOST_REFUSED, buf_string(&why));
}

/* With the lock. */
static void settle(struct shipper *shipper, struct item *item, enum item_state state)
{
    item->settled_ms = clock_now_ms();
    item->http_status = shipper->attempt.http_status;
    if (state == ITEM_DEAD)
        item->reason = mem_copy_text(buf_string(&shipper->attempt.reason));
    else
        shipper->dispatch->refused = 0;
    item->state = state;
}

/* Marks what is at its end; the others move to the front of @items. With the lock. */
static enum step settle_attempt(struct shipper *shipper, struct item **items, size_t *count)
{
    enum step step = STEP_DONE;
    size_t left = 0;

    for (size_t i = 0; i < *count; i++)
        items[i]->attempts++;
    if (is_to_halve(&shipper->attempt, *count))
        return STEP_HALVE;
    const bool is_alone = is_refused_alone(&shipper->attempt, *count);
    for (size_t i = 0; i < *count; i++) {
        struct item *item = items[i];

        switch (shipper->attempt.each[i]) {
        case VERDICT_DELIVERED:
            settle(shipper, item, ITEM_DELIVERED);
            continue;
        case VERDICT_POISON:
        case VERDICT_TOO_LARGE:
            if (is_alone && is_doubtful(shipper)) {
                say_doubt(&shipper->attempt);
                step = STEP_DOUBT;
                break;
            }
            shipper->dispatch->refused += is_alone;
            settle(shipper, item, ITEM_DEAD);
            continue;
        case VERDICT_CONFIG:
            step = STEP_HOLD;
            break;
        default:
            step = step == STEP_HOLD ? STEP_HOLD : STEP_RETRY;
        }
        items[i] = items[left];
        items[left++] = item;
    }
    *count = left;
    return step;
}

/* The condition is the lane's: well while all shippers are. With the lock. */
static void show(struct shipper *shipper, bool is_ailing)
{
    struct dispatch *dispatch = shipper->dispatch;

    if (is_ailing && !shipper->is_ailing)
        dispatch->ailing++;
    if (!is_ailing && shipper->is_ailing)
        dispatch->ailing--;
    shipper->is_ailing = is_ailing;
    if (is_ailing)
        worker_condition(dispatch->worker, "target", buf_string(&shipper->attempt.reason));
    else if (dispatch->ailing == 0)
        worker_condition(dispatch->worker, "target", NULL);
}

/* With the lock. */
static void report_failure(struct shipper *shipper, enum step step)
{
    struct dispatch *dispatch = shipper->dispatch;
    const struct target_settings *target = shipper->edition->target;
    int64_t now_us = clock_monotonic_us();
    /* Nothing mends itself where an operator is needed. */
    const bool is_held = step != STEP_RETRY;
    int64_t least_ms = is_held ? target->retry_limit_ms / 2 : 0;

    metrics_add(is_held ? dispatch->held : dispatch->retries, 1);
    int64_t wait_ms = gate_failed(&dispatch->gate, now_us, shipper->attempt.asked_wait_ms, least_ms,
                                  chance_number());

    dispatch->wants_renewal |= is_held;
    show(shipper, true);
    log_debug("target_waits", LOG_TEXT("target", target->name), LOG_INT("ms", wait_ms));
}

/* Tells the others what came of a request for @items, of which @count are left. */
static enum step report(struct shipper *shipper, struct item **items, size_t *count)
{
    struct dispatch *dispatch = shipper->dispatch;
    size_t before = *count;

    pthread_mutex_lock(&dispatch->lock);
    enum step step = settle_attempt(shipper, items, count);
    bool has_failed = step == STEP_RETRY || step == STEP_HOLD || step == STEP_DOUBT;

    if (!has_failed || *count < before)
        gate_worked(&dispatch->gate, clock_monotonic_us(),
                    has_failed ? 0 : shipper->attempt.asked_wait_ms);
    if (has_failed)
        report_failure(shipper, step);
    else
        show(shipper, false);
    pthread_cond_broadcast(&dispatch->news);
    pthread_mutex_unlock(&dispatch->lock);
    return step;
}

static int deliver(struct shipper *shipper, struct item **items, size_t count);

static int deliver_halves(struct shipper *shipper, struct item **items, size_t count)
{
    if (deliver(shipper, items, count / 2) < 0)
        return -EINTR;
    return deliver(shipper, items + count / 2, count - count / 2);
}

static int attempt(struct shipper *shipper, struct item **items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        shipper->alerts[i] = &items[i]->alert;
    metrics_add(shipper->dispatch->attempts, 1);
    return carrier_attempt(shipper->carrier, shipper->alerts, count, &shipper->attempt);
}

/* Until all of them are delivered, dead or in doubt; -EINTR: there is no time for that. */
static int deliver(struct shipper *shipper, struct item **items, size_t count)
{
    while (count > 0) {
        if (!enter(shipper))
            return -EINTR;
        renew(shipper);
        if (count > shipper->most) {
            turn_back(shipper);
            return deliver_halves(shipper, items, count);
        }
        if (attempt(shipper, items, count) < 0) {
            turn_back(shipper);
            return -EINTR;
        }
        enum step step = report(shipper, items, &count);

        if (step == STEP_HALVE)
            return deliver_halves(shipper, items, count);
        if (step == STEP_DOUBT)
            return 0;
    }
    return 0;
}

/* Those in doubt are asked about one after the other, until one is delivered: then the target is
 * well, and what it still refuses is guilty. */
static void deliver_shipment(struct shipper *shipper)
{
    struct shipment *shipment = &shipper->shipment;
    int result = deliver(shipper, shipment->items, shipment->count);
    bool is_any_open = true;

    while (result == 0 && is_any_open) {
        is_any_open = false;
        for (size_t i = 0; i < shipment->count && result == 0; i++) {
            if (shipment->items[i]->state != ITEM_OPEN)
                continue;
            is_any_open = true;
            result = deliver(shipper, shipment->items + i, 1);
        }
    }
}

static void make_room(struct shipper *shipper, size_t count)
{
    if (count <= shipper->capacity)
        return;
    shipper->capacity = count;
    shipper->alerts = mem_resize(shipper->alerts, count * sizeof(struct alert *));
    shipper->attempt.each =
        mem_resize(shipper->attempt.each, count * sizeof(*shipper->attempt.each));
}

/* With the lock, which it lets go of meanwhile. */
static void idle(struct shipper *shipper)
{
    struct dispatch *dispatch = shipper->dispatch;
    int64_t begin_us = clock_monotonic_us();

    dispatch_wait(dispatch, TEND_US);
    if (shipper->is_ending || !shipper->carrier || clock_monotonic_us() - begin_us < TEND_US)
        return;
    pthread_mutex_unlock(&dispatch->lock);
    carrier_tend(shipper->carrier);
    pthread_mutex_lock(&dispatch->lock);
}

static void *run(void *self)
{
    struct shipper *shipper = self;
    struct dispatch *dispatch = shipper->dispatch;

    pthread_mutex_lock(&dispatch->lock);
    while (!shipper->is_ending) {
        if (!dispatch_take(dispatch, &shipper->shipment)) {
            idle(shipper);
            continue;
        }
        keep(shipper); /* it moves */
        pthread_mutex_unlock(&dispatch->lock);
        make_room(shipper, shipper->shipment.count);
        deliver_shipment(shipper);
        pthread_mutex_lock(&dispatch->lock);
        dispatch_empty(dispatch, &shipper->shipment);
    }
    pthread_mutex_unlock(&dispatch->lock);
    return NULL;
}

struct shipper *shipper_start(struct dispatch *dispatch)
{
    struct shipper *shipper = mem_zero(sizeof(*shipper));

    shipper->dispatch = dispatch;
    shipper->keeper = (struct keeper){keep, shipper};
    pthread_mutex_lock(&dispatch->lock);
    dispatch_join(dispatch, &shipper->shipment);
    pthread_mutex_unlock(&dispatch->lock);
    if (pthread_create(&shipper->thread, NULL, run, shipper) != 0)
        abort(); /* no threads, no lane */
    return shipper;
}

void shipper_end(struct shipper *shipper)
{
    if (!shipper)
        return;
    pthread_mutex_lock(&shipper->dispatch->lock);
    shipper->is_ending = true;
    pthread_cond_broadcast(&shipper->dispatch->news);
    pthread_mutex_unlock(&shipper->dispatch->lock);
    pthread_join(shipper->thread, NULL);
    carrier_close(shipper->carrier);
    edition_release(shipper->edition);
    tail_done(&shipper->tail);
    buf_done(&shipper->attempt.reason);
    free(shipper->attempt.each);
    free(shipper->alerts);
    free(shipper);
}

bool shipper_is_busy(const struct shipper *shipper)
{
    return shipper->shipment.count > 0;
}

int64_t shipper_moved_us(const struct shipper *shipper)
{
    return atomic_load(&shipper->moved_us);
}
