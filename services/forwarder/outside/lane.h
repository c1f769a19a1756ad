/* lane: brings the alerts of one batch to one target, each until it is there or dead. */
#pragma once

#include "base/siem_delivery.h"
#include "forwarder/outside/carrier.h"
#include "io/worker.h"

/* An alert of the batch. */
struct item {
    size_t message; /* its place in the batch */
    struct alert alert;
    int64_t attempts;
};

struct lane;

struct lane_settings {
    const struct target_settings *target;
    const struct kafka_settings *kafka;
    struct worker *worker;
    const struct keeper *keeper;
    /* The target's settings read anew, which live until the next call; NULL: they cannot be read,
     * and those before stay in force. A target that refuses us for its settings is tried again
     * with the new ones. */
    const struct target_settings *(*renew)(void *self);
    /* An item is at its end: delivered, or dead. */
    void (*settled)(void *self, struct batch *batch, const struct item *item,
                    const struct siem_delivery *receipt);
    void *self;
};

/* @settings are copied, what they point to is borrowed. */
struct lane *lane_open(const struct lane_settings *settings);
void lane_close(struct lane *lane); /* NULL is fine */

/* -EINTR: no more time; those that are not settled are to be given back. */
int lane_deliver(struct lane *lane, struct batch *batch, struct item *items, size_t count);
