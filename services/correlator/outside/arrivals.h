/* arrivals: the events of a batch: read, and those chosen that are to be judged now. */
#pragma once

#include "base/event.h"
#include "correlator/outside/pacing.h"
#include "io/codec.h"

struct arrivals;

/* Both are borrowed. */
struct arrivals *arrivals_new(struct codec *codec, struct pacing *pacing);
void arrivals_free(struct arrivals *arrivals); /* NULL is fine */

/* Fails where the schema registry does not answer. The rest is about the last batch read. */
int arrivals_read(struct arrivals *arrivals, struct batch *batch, struct error *err);

/* What is to be judged, in the order to do so; how many. Texts are in the batch's arena. */
size_t arrivals_events(const struct arrivals *arrivals, const struct event **events);
/* The message that such an event came from. */
size_t arrivals_message(const struct arrivals *arrivals, size_t event);

/* Messages that are no events go to dead letters, if it is their turn. */
void arrivals_reject(const struct arrivals *arrivals, struct batch *batch);
