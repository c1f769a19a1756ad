/* recent: how many events an address has had lately, in memory.
 *
 * For where there is no Redis (`haechi scan`): the same as the sorted set `recent` in Redis,
 * the newest 128 events of MEDIUM and above of each address, none older than 15 minutes before its
 * newest. Bounded: of more addresses than it has room for, those that were not seen for longest are
 * forgotten. Not thread-safe.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"

enum {
    RECENT_EVENTS = 128,
    RECENT_KEPT_MS = 15 * 60 * 1000,
    RECENT_WINDOW_MS = 5 * 60 * 1000,
};

struct recent;

/* @sources: how many addresses are surely remembered; up to twice as many may be. At least 1. */
struct recent *recent_new(size_t sources);
void recent_free(struct recent *recent); /* NULL is fine */
AUTO_FREE(recent)

/* Notes one event; @source is copied. Times may come in any order. */
void recent_add(struct recent *recent, struct text source, int64_t at_ms);

/* How many of its events lie in the five minutes up to @at_ms, both ends included. */
int64_t recent_count(struct recent *recent, struct text source, int64_t at_ms);
