#include "correlator/group_cache.h"

#include <stdlib.h>

#include "base/mem.h"
#include "correlator/text_key.h"

enum { AN_ENTRY = 250 }; /* bytes, of the tables too */

struct group_cache {
    GHashTable *by_key; /* -> struct cached, owned */
    GHashTable *by_id;
    struct cached *newest, *oldest;
    size_t bytes;
};

struct group_cache *group_cache_new(void)
{
    struct group_cache *cache = mem_zero(sizeof(*cache));

    cache->by_key = g_hash_table_new(text_key_hash, text_key_equal);
    cache->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    return cache;
}

void group_cache_free(struct group_cache *cache)
{
    if (!cache)
        return;
    group_cache_clear(cache);
    g_hash_table_destroy(cache->by_key);
    g_hash_table_destroy(cache->by_id);
    free(cache);
}

static void unlink_entry(struct group_cache *cache, struct cached *cached)
{
    if (cached->newer)
        cached->newer->older = cached->older;
    else
        cache->newest = cached->older;
    if (cached->older)
        cached->older->newer = cached->newer;
    else
        cache->oldest = cached->newer;
}

static void link_newest(struct group_cache *cache, struct cached *cached)
{
    cached->newer = NULL;
    cached->older = cache->newest;
    if (cache->newest)
        cache->newest->newer = cached;
    else
        cache->oldest = cached;
    cache->newest = cached;
}

static struct cached *used(struct group_cache *cache, struct cached *cached)
{
    if (cached && cache->newest != cached) {
        unlink_entry(cache, cached);
        link_newest(cache, cached);
    }
    return cached;
}

struct cached *group_cache_find(struct group_cache *cache, struct text key)
{
    return used(cache, g_hash_table_lookup(cache->by_key, &key));
}

struct cached *group_cache_find_id(struct group_cache *cache, const char *id)
{
    return used(cache, g_hash_table_lookup(cache->by_id, id));
}

static void enter(struct group_cache *cache, struct cached *cached)
{
    g_hash_table_insert(cache->by_key, &cached->group->key, cached);
    g_hash_table_insert(cache->by_id, cached->group->id, cached);
}

static void leave(struct group_cache *cache, struct cached *cached)
{
    g_hash_table_remove(cache->by_key, &cached->group->key);
    g_hash_table_remove(cache->by_id, cached->group->id);
    group_free(cached->group);
}

struct cached *group_cache_add(struct group_cache *cache, struct group *group)
{
    struct cached *cached = mem_zero(sizeof(*cached));

    cached->group = group;
    enter(cache, cached);
    link_newest(cache, cached);
    group_cache_set_memory(cache, cached, sizeof(*group) + 2 * group->key.size);
    return cached;
}

void group_cache_replace(struct group_cache *cache, struct cached *cached, struct group *group)
{
    leave(cache, cached);
    cached->group = group;
    enter(cache, cached);
}

void group_cache_set_memory(struct group_cache *cache, struct cached *cached, size_t memory)
{
    cache->bytes += memory + AN_ENTRY - cached->memory;
    cached->memory = memory + AN_ENTRY;
}

void group_cache_drop(struct group_cache *cache, struct cached *cached)
{
    cache->bytes -= cached->memory;
    unlink_entry(cache, cached);
    leave(cache, cached);
    free(cached);
}

void group_cache_clear(struct group_cache *cache)
{
    for (struct cached *at = cache->oldest, *newer; at; at = newer) {
        newer = at->newer;
        group_cache_drop(cache, at);
    }
}

void group_cache_trim(struct group_cache *cache, size_t bytes)
{
    for (struct cached *at = cache->oldest, *newer; at && cache->bytes > bytes; at = newer) {
        newer = at->newer;
        group_cache_drop(cache, at);
    }
}

size_t group_cache_count(const struct group_cache *cache)
{
    return g_hash_table_size(cache->by_key);
}

size_t group_cache_bytes(const struct group_cache *cache)
{
    return cache->bytes;
}
