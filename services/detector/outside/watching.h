/* watching: the detector's part in `expect:` rules (base/watch.h): once a second it tells in Redis
 * when it last saw what correlators ask for, up to when it has seen everything, and hears what else
 * they ask for. All of that is one round trip. While Redis is away it is skipped, and told later.
 */
#pragma once

#include "detector/source.h"
#include "io/worker.h"

struct watching;

/* @worker is borrowed. @members threads look through logs. */
struct watching *watching_open(struct worker *worker, size_t members);
void watching_close(struct watching *watching); /* NULL is fine */

/* The messages of a batch are about to be read. */
void watching_begin(struct watching *watching, const struct batch *batch);
/* Message @i was read, by the thread that is @member: each may do so at the same time. */
void watching_see(struct watching *watching, size_t member, const struct batch *batch, size_t i,
                  const struct source *source, struct entry *entry, struct arena *arena);

void watching_tick(struct watching *watching, int64_t now_ms);
