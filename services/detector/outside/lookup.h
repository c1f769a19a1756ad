/* lookup: what others know about the logs on which rules fired: Redis, in one round trip for a
 * batch, and databases of places. */
#pragma once

#include "detector/detector_settings.h"
#include "detector/outside/finding.h"
#include "io/worker.h"

struct lookup;

/* Opens the databases; Redis is spoken to later. @worker NULL: for a check. NULL with @err. */
struct lookup *lookup_open(const struct detector_settings *settings, struct worker *worker,
                           struct error *err);
void lookup_close(struct lookup *lookup); /* NULL is fine */

/* Opens the databases again; on failure the old ones go on. */
int lookup_reload(struct lookup *lookup, struct error *err);

/* Fills in recent_events and enrichment of the findings' events. Redis away: RETRY if the settings
 * say to wait for it (redis.on_failure), else the events are marked and it is 0. */
int lookup_ask(struct lookup *lookup, struct finding *findings, size_t count, struct error *err);

/* For detect_finish(). */
const struct detect_lookups *lookup_of_places(const struct lookup *lookup);

/* Counters; and asks a Redis that was away whether it is back. */
void lookup_tick(struct lookup *lookup);
