/* desk: the feeds, each asked when it is due, one after the other, and what changed published.
 *
 * A feed's way: gathered in a thread, compared with what the topic has of it, published in slices
 * while the topic is read on, and settled once all of it is acknowledged. Nothing is remembered
 * that a crash could make untrue: what a feed has is told by the topic alone.
 */
#pragma once

#include "io/daemon.h"
#include "iocfeed/iocfeed_settings.h"
#include "iocfeed/outside/follower.h"

struct desk;
struct publisher;

/* All borrowed. NULL with @err: a warning list that cannot be read, … */
struct desk *desk_open(struct daemon *daemon, const struct iocfeed_settings *settings,
                       struct follower *follower, struct error *err);
void desk_close(struct desk *desk); /* NULL is fine */

/* For the follower: what the topic says of @key, before (NULL: nothing) and now. */
void desk_note(struct desk *desk, struct text key, const struct ioc *before, const struct ioc *now);

/* For others who publish. */
struct publisher *desk_publisher(struct desk *desk);

/* Reads the settings and the warning lists again, for all feeds from their next contact on.
 * Negative with @err: those before stay. */
int desk_reload(struct desk *desk, struct error *err);
/* In force, or about to be. Until the next reload. */
const struct iocfeed_settings *desk_settings(const struct desk *desk);

/* Does a little; true if there is more to do at once. */
bool desk_turn(struct desk *desk, int64_t now_ms);
