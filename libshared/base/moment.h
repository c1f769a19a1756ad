/* moment: times as logs write them.
 *
 * Parses what log formats use into milliseconds since the epoch plus the zone that the text was
 * written in, since "22:30 in the log's own zone" is a fact that rules ask for. Never reads a
 * clock; where a format leaves something out (a year, a zone) the caller says what to take.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/zone.h"

struct moment {
    int64_t ms;             /* milliseconds since the epoch */
    int32_t offset_minutes; /* of the zone it was written in, east positive */
};

/* Each takes the whole of @t (white space around it aside) or refuses it, leaving @moment alone.
 * Dates must exist; hours are 0 to 23, minutes 0 to 59, seconds 0 to 60 (a leap second, which
 * counts as the second after it). @zone is that of times which name none; NULL is UTC.
 *
 * RFC 3339 and its ISO 8601 relatives in logs: 'T', 't' or a blank between date and time, '.' or
 * ',' before 1 to 9 decimals, Z, z, +hh:mm, +hhmm, +hh (a blank before the sign may be) or
 * nothing. */
bool moment_parse_rfc3339(struct text t, const struct zone *zone, struct moment *moment);
/* Apache and nginx: 10/Oct/2000:13:55:36 -0700 */
bool moment_parse_clf(struct text t, struct moment *moment);
/* Whether it would be taken, for less. */
bool moment_is_clf(struct text t);
/* RFC 3164: "Oct  1 22:14:15", optionally with decimals, and with a year before the time or behind
 * it. The missing year is the latest that does not bring the time more than a day ahead of
 * @near_ms. */
bool moment_parse_syslog(struct text t, const struct zone *zone, int64_t near_ms,
                         struct moment *moment);
/* nginx error log: 2026/01/31 13:55:36 */
bool moment_parse_slashed(struct text t, const struct zone *zone, struct moment *moment);
/* Seconds, milliseconds, microseconds or nanoseconds since the epoch, with or without decimals,
 * told apart by their size: below 1e11 s, below 1e14 ms, below 1e17 µs, else ns. No sign. */
bool moment_parse_epoch(struct text t, struct moment *moment);
/* Any of the above. A bare number counts from 100,000,000 (1973) on: less is a duration or a time
 * since the start of something. */
bool moment_parse_any(struct text t, const struct zone *zone, int64_t near_ms,
                      struct moment *moment);

/* The same at the start of @t, for formats where more follows: the bytes taken, 0 for none. Here a
 * blank before the zone is left alone. */
size_t moment_take_rfc3339(struct text t, const struct zone *zone, struct moment *moment);
/* @known: false if it is a time without its year and @near_ms negative; @moment is then left alone.
 */
size_t moment_take_syslog(struct text t, const struct zone *zone, int64_t near_ms,
                          struct moment *moment, bool *known);

/* RFC 3339 in UTC with milliseconds: 2026-01-31T13:55:36.250Z. Times before year 0 or after 9999
 * come as the first or last that can be written. */
void moment_write(int64_t ms, struct buf *out);

/* Of the moment in its own zone: 0 to 23; 0 is Monday. */
int moment_hour(struct moment moment);
int moment_weekday(struct moment moment);
