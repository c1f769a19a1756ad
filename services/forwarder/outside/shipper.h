/* shipper: a thread with a connection of its own, which takes shipments from the dispatch and
 * brings them to the target. */
#pragma once

#include "forwarder/outside/dispatch.h"

struct shipper;

/* @dispatch is borrowed. */
struct shipper *shipper_start(struct dispatch *dispatch);
/* It must be idle. NULL is fine. */
void shipper_end(struct shipper *shipper);

/* With the dispatch's lock. */
bool shipper_is_busy(const struct shipper *shipper);
/* When it last moved, on the monotonic clock: one that is busy moves at least every 100 ms. */
int64_t shipper_moved_us(const struct shipper *shipper);
