/* native: alerts as Haechi's own JSON: a flat event with the whole alert inside.
 *
 *   {"timestamp":"2026-01-01T00:00:00.123Z","event_id":"SEC-…","event_type":"…","severity":"HIGH",
 *    "source_ip":"…","target_ip":"…","description":"…","alert_id":"SEC-…","revision":0,
 *    "status":"new","title":"…","raw_data":{the alert},"host":"…","product":"Haechi",
 *    "version":"0.1.0"}
 *
 * One line of valid JSON, whatever the alert holds. What is not known is "".
 */
#pragma once

#include "base/alert.h"
#include "base/buf.h"

enum { NATIVE_LIMIT_MIN = 480 };

/* @host is the machine that the forwarder runs on. */
void native_write(const struct alert *alert, struct text host, struct buf *out);

/* The same for a line of a protocol, without DEL, C1, U+2028 and U+2029 as they are, and in at most
 * @limit bytes (NATIVE_LIMIT_MIN or more): a record that would be longer goes without raw_data,
 * with "truncated":true and its texts cut as short as need be, its ids after all others. */
void native_write_within(const struct alert *alert, struct text host, size_t limit,
                         struct buf *out);
