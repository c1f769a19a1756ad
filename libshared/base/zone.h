/* zone: a time zone of the IANA database, for logs that name none (GLib reads it).
 *
 * Read whole when it is opened; afterwards any number of threads may ask.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/mem.h"

struct zone;

/* @name as "Asia/Seoul". NULL with @err if there is no such zone on this machine. */
struct zone *zone_open(const char *name, struct error *err);
void zone_close(struct zone *zone);                   /* NULL is fine */
static inline void zone_auto_free(struct zone **zone) /* AUTO(zone) */
{
    zone_close(*zone);
}

/* Minutes east of UTC that hold at the wall-clock time @local_ms (milliseconds since 1970-01-01
 * 00:00 of that wall clock). Of a time that occurs twice, the first; one that the clock
 * jumped over counts as if it had not jumped. */
int32_t zone_offset_minutes(const struct zone *zone, int64_t local_ms);
