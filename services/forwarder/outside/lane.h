/* lane: brings the alerts of one batch to one target, each until it is there or dead.
 *
 * As many requests are on their way at once as the target's settings say; of one alert never two
 * revisions.
 */
#pragma once

#include "base/siem_delivery.h"
#include "forwarder/outside/dispatch.h"

struct lane;

struct lane_settings {
    const struct target_settings *target;
    struct worker *worker;
    /* An item is at its end: delivered, or dead. On the thread of lane_deliver(). */
    void (*settled)(void *self, struct batch *batch, const struct item *item,
                    const struct siem_delivery *receipt);
    void *self;
};

/* @settings are copied, what they point to is borrowed. */
struct lane *lane_open(const struct lane_settings *settings);
void lane_close(struct lane *lane); /* NULL is fine */

/* The target's settings in force: read anew if a file that their secrets came from has changed. The
 * edition lives until the next call of a function of the lane's. */
const struct edition *lane_edition(struct lane *lane);

/* @items as {message, alert}. -EINTR: no more time; those that are OPEN are to be given back. */
int lane_deliver(struct lane *lane, struct batch *batch, struct item *items, size_t count);
