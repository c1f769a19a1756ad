/* dispatch: what a lane and its shippers have in common.
 *
 * The lane's own thread cuts a batch into shipments and hands them out; each shipper is a thread
 * with a connection, which brings one at a time to the target. Whoever changes something tells the
 * others by @news.
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

struct dispatch {
    struct worker *worker;
    const struct kafka_settings *kafka;
    struct counter *attempts, *retries, *held;
    atomic_bool is_over; /* nothing is waited for any more, not even a reply */

    pthread_mutex_t lock; /* of all below, and of what items and shippers say it is */
    pthread_cond_t news;
    struct gate gate;
    struct edition *edition; /* in force; held */
    bool wants_renewal;      /* the target refused us for our settings */
    bool is_stopping;        /* no new request is made */
    size_t ailing;           /* shippers whose last request failed */
};

/* Waits for news, or for @us; with the lock. */
void dispatch_wait(struct dispatch *dispatch, int64_t us);
void dispatch_init(struct dispatch *dispatch);
void dispatch_done(struct dispatch *dispatch);
