/* dispatch: what a lane and its shippers have in common.
 *
 * The lane's own thread puts alerts in a queue as it reads them; each shipper is a thread with a
 * connection, which takes a shipment from its front and brings it to the target, so that alerts
 * are read and settled while others travel. Whoever changes something tells the others by @news.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/alert.h"
#include "forwarder/gate.h"
#include "forwarder/outside/edition.h"

enum item_state { ITEM_OPEN, ITEM_DELIVERED, ITEM_DEAD };

/* An alert of the batch. */
struct item {
    size_t message; /* its place in the batch */
    struct alert alert;
    uint64_t identity; /* the same for all revisions of an alert */
    int64_t attempts;
    /* Under the lock while it is being shipped: */
    enum item_state state;
    int http_status;    /* of the last reply; 0: none */
    char *reason;       /* of a dead one; owned */
    int64_t settled_ms; /* when it was delivered or refused */
    bool is_told;       /* the lane has settled it */
};

/* What a shipper has taken. While there is any of it no other revision of its alerts travels. */
struct shipment {
    struct item **items; /* its shipper may reorder them */
    size_t count;        /* 0: it has none */
    struct shipment *after;
};

struct dispatch {
    struct worker *worker;
    const struct kafka_settings *kafka;
    struct counter *attempts, *retries, *held;
    atomic_bool is_over; /* nothing is waited for any more, not even a reply */

    pthread_mutex_t lock; /* of all below, and of what items and shippers say it is */
    pthread_cond_t news;
    struct item **queue; /* what waits for a shipper is from @next to @end; borrowed */
    size_t next, end;
    bool is_whole;   /* nothing will be added, so that the last shipment need not be full */
    size_t capacity; /* alerts in a shipment */
    struct shipment *shipments; /* of all shippers */
    size_t busy;                /* of them, with something in them */
    struct gate gate;
    struct edition *edition; /* in force; held */
    bool wants_renewal;      /* the target refused us for our settings */
    bool is_stopping;        /* no new request is made */
    size_t ailing;           /* shippers whose last request failed */
    size_t refused;          /* alerts that are dead since the last delivery, each refused alone */
};

void dispatch_init(struct dispatch *dispatch);
void dispatch_done(struct dispatch *dispatch);

/* The rest with the lock. */

/* Waits for news, or for @us. */
void dispatch_wait(struct dispatch *dispatch, int64_t us);

/* A shipper's empty @shipment is one of ours from now on. */
void dispatch_join(struct dispatch *dispatch, struct shipment *shipment);
/* Fills @shipment, which is empty, with what may go now; false: nothing may. Two revisions of one
 * alert never travel together, for a target that takes a part could take the later and refuse the
 * earlier for now: the later waits until the earlier has arrived, wherever that is. */
bool dispatch_take(struct dispatch *dispatch, struct shipment *shipment);
/* It is at its end. */
void dispatch_empty(struct dispatch *dispatch, struct shipment *shipment);
