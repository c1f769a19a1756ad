/* carrier: one attempt to bring alerts to one target, whatever it speaks. */
#pragma once

#include "forwarder/outside/http.h"
#include "forwarder/outside/tail.h"
#include "io/shared_settings.h"

struct carrier;

/* What came of an attempt. */
struct attempt {
    enum verdict *each;    /* one for each alert; the caller's memory, filled in */
    struct buf reason;     /* why not all were delivered; owned by the caller */
    int http_status;       /* 0: no HTTP, or no reply */
    int64_t asked_wait_ms; /* what the target asks for before the next; 0: nothing */
};

/* All borrowed. @tail is that of the carrier before this one: what it left in doubt is sent again.
 */
struct carrier *carrier_open(const struct target_settings *settings,
                             const struct kafka_settings *kafka, const struct keeper *keeper,
                             struct tail *tail);
void carrier_close(struct carrier *carrier); /* NULL is fine */

/* -EINTR: no more time, and nobody knows what arrived. Else 0, with @attempt filled in. */
int carrier_attempt(struct carrier *carrier, const struct alert *const *alerts, size_t count,
                    struct attempt *attempt);

/* What the target replied to the last attempt that was delivered by HTTP; borrowed until the next.
 */
struct reply carrier_reply(const struct carrier *carrier);

/* To be called about once a second while there is nothing to bring. */
void carrier_tend(struct carrier *carrier);

/* Sleeps so long, keeping; false: no more time. */
bool carrier_wait(const struct keeper *keeper, int64_t ms);
