/* desk_due: when each feed is due and how it fares, in Redis, so that another replica goes on where
 * this one ended, and people can see it and ask for more. */
#pragma once

#include "io/redis.h"

struct due;

/* @redis is borrowed; nothing may be queued in it when this uses it. */
struct due *desk_due_new(struct redis *redis);
void desk_due_free(struct due *due); /* NULL is fine */

/* Reads what all feeds have; negative: Redis is away. */
int desk_due_refresh(struct due *due);
/* Of @feed as last read; 0 where nothing is known, or somebody asked for it at once. */
void desk_due_ask(const struct due *due, const char *feed, int64_t *due_ms);

struct due_state {
    const char *feed;
    int64_t due_ms, contact_ms, content_ms; /* RECORD_NULL or 0: not known */
    size_t iocs;
    bool is_count_only; /* what changed is no more than iocs: when it is due stays as it is */
    const char *error;  /* empty: none */
};
void desk_due_tell(struct due *due, const struct due_state *state);
