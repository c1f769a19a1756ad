/* shipper: a thread with a connection of its own, which brings shipments to the target. */
#pragma once

#include "forwarder/outside/dispatch.h"

struct shipper;

/* @dispatch is borrowed. */
struct shipper *shipper_start(struct dispatch *dispatch);
/* It must be idle. NULL is fine. */
void shipper_end(struct shipper *shipper);

/* The rest with the dispatch's lock. */

/* Hands it @items, which it may reorder and which live until it is idle again. It must be idle. */
void shipper_take(struct shipper *shipper, struct item **items, size_t count);
bool shipper_is_busy(const struct shipper *shipper);
/* It is idle: what it was handed is no longer there. */
void shipper_forget(struct shipper *shipper);
/* What it was handed last; of those that are not OPEN nothing changes any more. */
struct item **shipper_items(const struct shipper *shipper, size_t *count);
/* When it last moved, on the monotonic clock: one that is busy moves at least every 100 ms. */
int64_t shipper_moved_us(const struct shipper *shipper);
