/* publisher: IOCs to the topic, and events, with account of what was acknowledged. */
#pragma once

#include "base/event.h"
#include "base/ioc.h"
#include "io/shared_settings.h"

struct publisher;

/* NULL with @err. @shared is borrowed. */
struct publisher *publisher_open(const struct shared_settings *shared, struct error *err);
void publisher_close(struct publisher *publisher); /* NULL is fine; what is not sent is lost */

/* Encoding can fail only until the schema's id is known: has it. RETRY: the registry is away;
 * CONFIG: it refuses the schema. */
int publisher_prepare(struct publisher *publisher, struct error *err);

/* Hands a record to the producer; NULL: the key is removed. -EAGAIN, RETRY: its queue is full,
 * serve and try again; or as publisher_prepare(). */
int publisher_put(struct publisher *publisher, struct text key, struct text tenant,
                  const struct ioc *ioc, struct error *err);
/* Likewise, to the topic of detected events. */
int publisher_put_event(struct publisher *publisher, const struct event *event, struct error *err);

/* What became of an event: @problem NULL: it is acknowledged; else it is not in the topic. Called
 * from publisher_serve() and publisher_close(). */
typedef void publisher_settled(void *self, struct text event_id, const char *problem);
void publisher_hear_of_events(struct publisher *publisher, publisher_settled *settled, void *self);

/* Hears what became of records. Negative with @err: the producer is done for ("fatal", as
 * librdkafka has it: it may not go on without losing records or writing them twice); only a new
 * process helps. */
int publisher_serve(struct publisher *publisher, struct error *err);
/* IOCs that are not acknowledged yet. */
size_t publisher_in_flight(const struct publisher *publisher);
/* IOCs refused for good since the last call; the reason of the last in @err. */
size_t publisher_take_failures(struct publisher *publisher, struct error *err);
