/* pacing: holds back partitions that are ahead of others, of this worker and of all (pace.h).
 *
 * Workers of a group tell each other in Redis where their slowest partition is:
 *
 *     haechi:progress   hash: "<group> <worker>" -> "<event time, all or none> <when it was
 * written>"
 */
#pragma once

#include "correlator/pace.h"
#include "io/redis.h"
#include "io/worker.h"

struct pacing;

/* @worker and @redis are borrowed. */
struct pacing *pacing_open(struct worker *worker, struct redis *redis, int64_t max_lateness_ms);
void pacing_close(struct pacing *pacing); /* NULL is fine */

/* Begins a batch of @count messages. */
void pacing_begin(struct pacing *pacing, size_t count);
/* Message @i has this event time; PACE_UNKNOWN: none. */
void pacing_set(struct pacing *pacing, const struct batch *batch, size_t i, int64_t at_ms);
/* The places of the messages that may be dealt with now, in the order to do so; how many. */
size_t pacing_plan(struct pacing *pacing, const struct batch *batch, const size_t **order);
/* They are: the others are put back. */
void pacing_end(struct pacing *pacing, struct batch *batch);

/* Event time up to which this worker and the others have read; PACE_NOBODY: all there is,
 * PACE_UNKNOWN: nobody knows. */
int64_t pacing_read_ms(const struct pacing *pacing);

/* Often: tells others, hears them, and lets go what may be read on. While Redis is away nothing
 * goes on that it would have to know of. */
int pacing_tick(struct pacing *pacing, int64_t now_ms, struct error *err);
