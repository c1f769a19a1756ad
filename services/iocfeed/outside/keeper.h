/* keeper: keeps what Redis has of the indicators as the table is (io/ioc_keys.h).
 *
 * Begins with a generation of its own, written in slices, and from then on follows each change.
 * Whatever goes wrong on the way (Redis away, emptied, the lease lost) ends in a new generation.
 */
#pragma once

#include "base/metrics.h"
#include "io/redis.h"
#include "iocfeed/outside/lease.h"
#include "iocfeed/table.h"

struct keeper;

/* All borrowed. */
struct keeper *keeper_new(struct redis *redis, const struct lease *lease, const struct table *table,
                          struct metrics *metrics);
void keeper_free(struct keeper *keeper); /* NULL is fine */

/* Begins anew with what the table holds; until keeper_is_building() is false the table must not
 * change. */
void keeper_begin(struct keeper *keeper, int64_t now_ms);
void keeper_stop(struct keeper *keeper); /* the lease is gone */
bool keeper_is_building(const struct keeper *keeper);
bool keeper_is_keeping(const struct keeper *keeper);
/* Writes a slice; RETRY with @err. */
int keeper_build(struct keeper *keeper, int64_t now_ms, struct error *err);

/* Notes that @key is now @ioc; NULL: gone. Only while keeping. */
void keeper_note(struct keeper *keeper, struct text key, const struct ioc *ioc, int64_t now_ms);
/* Tells Redis all that was noted: first the records, then the readers. After a failure a new
 * generation is due. */
int keeper_tell(struct keeper *keeper, struct error *err);
/* About once a second: makes a new filter where it is due, removes older generations, and finds out
 * whether Redis was emptied. A generation that has become too small for what the table holds is no
 * longer kept: a new one is due. */
int keeper_tend(struct keeper *keeper, int64_t now_ms, struct error *err);
