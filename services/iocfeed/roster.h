/* roster: which IOCs one feed has, and a mark of what it says of each, so that a new harvest can be
 * held against it and only what changed is published.
 *
 * It is filled from the records (whoever wrote them), never from a harvest, so that it is the truth
 * after any crash.
 */
#pragma once

#include "base/error.h"
#include "iocfeed/sightings.h"

struct roster;

struct roster *roster_new(void);
void roster_free(struct roster *roster); /* NULL is fine */
AUTO_FREE(roster)

/* The record @key now has @source, the feed's entry. */
void roster_note(struct roster *roster, struct text key, const struct ioc_source *source);
/* It has none of the feed's, or is gone. */
void roster_drop(struct roster *roster, struct text key);
size_t roster_count(const struct roster *roster);

enum roster_change { ROSTER_ADDED, ROSTER_CHANGED, ROSTER_REMOVED };

struct roster_sink {
    void *self;
    /* @sighting: NULL for what was removed. The roster must not change meanwhile. */
    void (*change)(void *self, enum roster_change change, struct text key,
                   const struct sighting *sighting);
};

struct roster_counts {
    size_t added, changed, removed, same;
    /* Of the removed: what the harvest names and takes back, or our rules do, or whose time is
     * over. The feed has not lost it. */
    size_t taken_back;
};

/* What a harvest changes. @is_complete: what it does not name is gone; else only what it takes
 * back. Validity that runs from the time of the harvest is renewed only when half of it is over, so
 * that an unchanged feed changes nothing. @sink may be NULL: to count. */
struct roster_counts roster_compare(const struct roster *roster, const struct sightings *sightings,
                                    bool is_complete, int64_t now_ms,
                                    const struct roster_sink *sink);

/* -EBADMSG with @err when a complete harvest of @now IOCs where @before were known, what is taken
 * back aside, loses a greater share than @max_shrink (0: any at all; 1: it may lose all): the old
 * set is to be kept. */
int roster_may_shrink(size_t before, size_t now, double max_shrink, struct error *err);
