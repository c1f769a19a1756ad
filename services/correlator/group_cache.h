/* group_cache: the groups that a correlator remembers, each with the version that it last saw.
 *
 * Found by key, which is what an event gives, and by id, which is what timers give. Those that were
 * used longest ago go first.
 */
#pragma once

#include "correlator/group.h"

struct cached {
    struct group *group; /* owned */
    uint64_t version;    /* that is stored, as far as is known; 0: nothing is known to be */
    int64_t due_ms;      /* that was written with it, if knows_due */
    int64_t kept_ms;     /* wall time until which it is kept; 0: not known */
    bool knows_due;
    size_t memory; /* about */
    struct cached *newer, *older;
    uint64_t batch; /* the last that visited it, */
    size_t visit;   /* and as which */
};

struct group_cache;

struct group_cache *group_cache_new(void);
void group_cache_free(struct group_cache *cache);

/* NULL: it is not there. What is found is now the newest. */
struct cached *group_cache_find(struct group_cache *cache, struct text key);
struct cached *group_cache_find_id(struct group_cache *cache, const char *id);

/* @group is the cache's from now on. */
struct cached *group_cache_add(struct group_cache *cache, struct group *group);
/* @group, of the same key, takes the other's place. */
void group_cache_replace(struct group_cache *cache, struct cached *cached, struct group *group);
void group_cache_set_memory(struct group_cache *cache, struct cached *cached, size_t memory);
void group_cache_drop(struct group_cache *cache, struct cached *cached);
void group_cache_clear(struct group_cache *cache);

/* Drops the oldest until the others take no more than @bytes. */
void group_cache_trim(struct group_cache *cache, size_t bytes);

size_t group_cache_count(const struct group_cache *cache);
size_t group_cache_bytes(const struct group_cache *cache);
