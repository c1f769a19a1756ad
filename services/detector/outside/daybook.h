/* daybook: what today's logs name, kept in Redis for retro-hunts (base/seen.h), while iocfeed asks
 * for it (iocfeed.retro_hunt.window). Otherwise nothing is kept and nothing done.
 *
 * The day is that of the log's arrival, in UTC. What was noted is handed over every ten seconds;
 * while Redis is away or full: later, and after more than an hour of another day with that one's.
 */
#pragma once

#include "base/arena.h"
#include "io/redis.h"

struct daybook;

struct daybook *daybook_new(struct redis *redis); /* borrowed */
void daybook_free(struct daybook *book);          /* NULL is fine; hands over what it has */

bool daybook_is_open(const struct daybook *book);
/* Notes what @log names. Only while it is open; any number of threads at a time. @arena: its
 * memory is given back. */
void daybook_note(struct daybook *book, struct text log, struct text tenant, struct arena *arena);
/* About once a second. */
void daybook_tend(struct daybook *book, int64_t now_ms);
