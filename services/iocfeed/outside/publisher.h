/* publisher: IOCs to the topic, and events, with account of what was acknowledged. */
#pragma once

#include "base/event.h"
#include "base/ioc.h"
#include "io/shared_settings.h"

struct publisher;

/* NULL with @err. @shared is borrowed. */
struct publisher *publisher_open(const struct shared_settings *shared, struct error *err);
void publisher_close(struct publisher *publisher); /* NULL is fine; what is not sent is lost */

/* Hands a record to the producer; NULL: the key is removed. -EAGAIN, RETRY: its queue is full,
 * serve and try again; or the schema registry is away. */
int publisher_put(struct publisher *publisher, struct text key, struct text tenant,
                  const struct ioc *ioc, struct error *err);
/* Likewise, to the topic of detected events. */
int publisher_put_event(struct publisher *publisher, const struct event *event, struct error *err);
void publisher_serve(struct publisher *publisher, int wait_ms);
size_t publisher_in_flight(const struct publisher *publisher);
/* Refused for good since the last call; the reason of the last in @err. */
size_t publisher_take_failures(struct publisher *publisher, struct error *err);
