/* desk_feed: what the desk knows of one feed, and shows of it. */
#pragma once

#include "iocfeed/outside/desk_due.h"
#include "iocfeed/outside/gather.h"
#include "iocfeed/roster.h"

struct feed {
    char *name;
    const struct feed_settings *settings, *next_settings; /* NULL: it is gone from them */
    struct roster *roster;
    struct fetch_memory memory; /* of what was last published whole */
    struct buf cursor;
    int64_t due_ms; /* 0: at once */
    int64_t contact_ms, content_ms;
    int failures;
    bool is_told;
    size_t shown;    /* how many indicators */
    char error[480]; /* of the last time; empty: all was well */
    struct {
        struct gauge *contact, *content, *iocs;
        struct counter *fetched, *unchanged, *failed, *good, *left_out, *held_back, *bad;
    } metrics;
};

/* @feed is zeroed; @name is copied, the rest borrowed. It is in no settings yet. */
void desk_feed_open(struct feed *feed, struct text name, struct metrics *metrics);
void desk_feed_close(struct feed *feed);
const char *desk_feed_name(const struct feed *feed);
/* Nothing of what it answered is remembered: it is read whole when it is asked next. */
void desk_feed_forget(struct feed *feed);

/* In the metrics, and in Redis for `haechi ioc feeds list`. */
void desk_feed_show(struct feed *feed, struct due *due);
/* Again, if it has more or fewer indicators by now: the topic is read after it was written. */
void desk_feed_recount(struct feed *feed, struct due *due);
void desk_feed_count(const struct feed *feed, const struct intake_counts *counts);
