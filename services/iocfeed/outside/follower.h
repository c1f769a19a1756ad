/* follower: the table as the topic says, and Redis as the table says. */
#pragma once

#include "io/daemon.h"
#include "iocfeed/outside/lease.h"
#include "iocfeed/table.h"

struct follower;

/* Who else wants to know: @before NULL: there was none; @now NULL: it is gone. */
typedef void follower_observer(void *self, struct text key, const struct ioc *before,
                               const struct ioc *now);
void follower_observe(struct follower *follower, follower_observer *observer, void *self);

/* NULL with @err. @daemon is borrowed. */
struct follower *follower_open(struct daemon *daemon, struct error *err);
void follower_close(struct follower *follower); /* NULL is fine */

/* Reads what there is of the topic, and has Redis follow; waits up to @wait_ms where there is
 * nothing. Problems are shown as conditions of readiness. */
void follower_turn(struct follower *follower, int wait_ms, int64_t now_ms);

const struct table *follower_table(const struct follower *follower);
/* Whether this replica is the one that keeps Redis and fetches feeds, and has read the topic. */
bool follower_leads(const struct follower *follower);
/* Has it read all that the topic held when this was last asked for by follower_catch_up()? */
bool follower_is_current(const struct follower *follower);
int follower_catch_up(struct follower *follower, struct error *err);
struct redis *follower_redis(struct follower *follower);
