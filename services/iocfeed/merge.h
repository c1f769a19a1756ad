/* merge: one IOC of what several feeds say about it.
 *
 * Each feed has one entry among the sources, and the record's head follows from the entries: the
 * highest confidence of those that still hold, with that source's threat type and description; the
 * tags of all; the longest validity; a port only if each names some. What one feed takes back
 * leaves the others' entries alone.
 */
#pragma once

#include "base/arena.h"
#include "base/ioc.h"
#include "iocfeed/intake.h"

/* An IOC that nobody has yet. */
void merge_start(struct ioc *ioc, struct text tenant, enum ioc_type type, struct text value);

/* @ioc with what a feed says now, in the place of what it said before: its first_seen only goes
 * back, its last_seen only forward. Where the feed names no times, it is @now_ms. */
void merge_add(struct ioc *ioc, const struct ioc_source *source, int64_t now_ms,
               struct arena *arena);

/* @ioc without what the feed @name said. False: nobody has it any more. */
bool merge_remove(struct ioc *ioc, struct text name, int64_t now_ms, struct arena *arena);

/* The head anew if the time of the whole or of any source is over. False: it is as it was. */
bool merge_expire(struct ioc *ioc, int64_t now_ms, struct arena *arena);
