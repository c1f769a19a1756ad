/* recent_events: how many events an address has had in the last five minutes, as the correlators
 * wrote it into Redis (correlator/store.h): one round trip for a batch. */
#pragma once

#include "base/event.h"
#include "io/redis.h"

/* Queues the question for @event. False: it has no source address, so there is nothing to ask. */
bool recent_events_ask(struct redis *redis, const struct event *event);

/* The answer, as context.recent_events. False: @reply is an error. */
bool recent_events_read(const redisReply *reply, int64_t *recent_events);
