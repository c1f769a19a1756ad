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
    /* An item is at its end: delivered, or dead. On the thread of the lane's functions. */
    void (*settled)(void *self, struct batch *batch, const struct item *item,
                    const struct siem_delivery *receipt);
    void *self;
};

/* @settings are copied, what they point to is borrowed. */
struct lane *lane_open(const struct lane_settings *settings);
void lane_close(struct lane *lane); /* NULL is fine */

/* The target's settings in force: read anew if a file that their secrets came from has changed. To
 * be let go of by edition_release(). */
struct edition *lane_edition(struct lane *lane);

/* The alerts of @batch come now, one after another: they are sent while others are still read. Each
 * of lane_begin(), lane_add() and lane_finish() may settle some that have arrived. */
void lane_begin(struct lane *lane, struct batch *batch);
/* @item as {message, alert}; it stays where it is until lane_finish() has returned. */
void lane_add(struct lane *lane, struct item *item);
/* There are no more. Returns when all are settled, or -EINTR: no more time; those that are OPEN are
 * to be given back. */
int lane_finish(struct lane *lane);
