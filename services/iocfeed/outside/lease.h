/* lease: which of several iocfeeds fetches the feeds and keeps Redis: one at a time, and another
 * within seconds of its death. */
#pragma once

#include "io/redis.h"

struct lease;

/* @redis is borrowed; nothing may be queued in it when the lease uses it. */
struct lease *lease_new(struct redis *redis);
void lease_free(struct lease *lease); /* NULL is fine */

/* Takes it if nobody has it, holds it on if it is ours; asks Redis no more often than it must. */
int lease_tend(struct lease *lease, int64_t now_us, struct error *err);
/* Ours, by our own clock, with time to spare. */
bool lease_is_held(const struct lease *lease, int64_t now_us);
/* Lets it go, so that another need not wait. */
void lease_release(struct lease *lease);
struct text lease_owner(const struct lease *lease);
