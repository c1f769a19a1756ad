/* desk_due: when each feed is due and how it fares, in Redis, so that another replica goes on where
 * this one ended, and people can see it and ask for more. */
#pragma once

#include "io/redis.h"

struct due;

/* @redis is borrowed; nothing may be queued in it when this uses it. */
struct due *desk_due_new(struct redis *redis);
void desk_due_free(struct due *due); /* NULL is fine */

/* Reads what all feeds have; negative: Redis is away. All below is as it was then. */
int desk_due_refresh(struct due *due);
/* Of @feed as last read; 0 where nothing is known, or somebody asked for it at once. */
void desk_due_ask(const struct due *due, const char *feed, int64_t *due_ms);

/* Has @feed asked at once. */
void desk_due_hurry(struct due *due, const char *feed);

/* One after the other of those that somebody told of, or that are marked as gone: *@at begins with
 * 0; false: there are no more. */
bool desk_due_next(const struct due *due, size_t *at, struct text *feed);

/* Feeds that the settings no longer have are marked with the time when that was first seen, 0: what
 * they said is to be withdrawn at once (`haechi ioc feeds forget`). False: it is not marked. */
bool desk_due_is_gone(const struct due *due, const char *feed, int64_t *since_ms);
void desk_due_mark_gone(struct due *due, const char *feed, int64_t since_ms);
void desk_due_unmark(struct due *due, const char *feed);
/* Nothing is left of @feed. */
void desk_due_forget(struct due *due, const char *feed);

struct due_state {
    const char *feed;
    int64_t due_ms, contact_ms, content_ms; /* RECORD_NULL or 0: not known */
    size_t iocs;
    bool is_count_only; /* what changed is no more than iocs: when it is due stays as it is */
    const char *error;  /* empty: none */
};
void desk_due_tell(struct due *due, const struct due_state *state);
