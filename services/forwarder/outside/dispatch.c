#include "forwarder/outside/dispatch.h"

#include <time.h>

void dispatch_init(struct dispatch *dispatch)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&dispatch->news, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&dispatch->lock, NULL);
    atomic_init(&dispatch->is_over, false);
}

void dispatch_done(struct dispatch *dispatch)
{
    edition_release(dispatch->edition);
    pthread_cond_destroy(&dispatch->news);
    pthread_mutex_destroy(&dispatch->lock);
}

void dispatch_wait(struct dispatch *dispatch, int64_t us)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += us / 1000000;
    until.tv_nsec += us % 1000000 * 1000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&dispatch->news, &dispatch->lock, &until);
}

void dispatch_join(struct dispatch *dispatch, struct shipment *shipment)
{
    shipment->after = dispatch->shipments;
    dispatch->shipments = shipment;
}

static bool is_among(struct item *const *items, size_t count, uint64_t identity)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i]->identity == identity)
            return true;
    }
    return false;
}

static bool is_on_its_way(const struct dispatch *dispatch, uint64_t identity)
{
    for (const struct shipment *other = dispatch->shipments; other; other = other->after) {
        if (is_among(other->items, other->count, identity))
            return true;
    }
    return false;
}

bool dispatch_take(struct dispatch *dispatch, struct shipment *shipment)
{
    const size_t waiting = dispatch->end - dispatch->next;
    size_t count = 0;

    if (waiting == 0 || dispatch->is_stopping ||
        (waiting < dispatch->capacity && !dispatch->is_whole))
        return false;
    struct item **items = dispatch->queue + dispatch->next;

    while (count < waiting && count < dispatch->capacity &&
           !is_among(items, count, items[count]->identity) &&
           !is_on_its_way(dispatch, items[count]->identity))
        count++;
    shipment->items = items;
    shipment->count = count;
    dispatch->next += count;
    dispatch->busy += count > 0;
    return count > 0;
}

void dispatch_empty(struct dispatch *dispatch, struct shipment *shipment)
{
    shipment->count = 0;
    dispatch->busy--;
    pthread_cond_broadcast(&dispatch->news);
}
