#include "detector/recent.h"

#include <glib.h>
#include <stdlib.h>

struct history {
    int64_t *times; /* ascending, owned */
    size_t count;
    size_t capacity;
};

/* Two generations instead of a list by age: when the young one is full it becomes the old one, and
 * what nobody asked for since is dropped with the old one. */
struct recent {
    GHashTable *young; /* GBytes -> struct history, owned */
    GHashTable *old;
    size_t sources;
};

static void history_free(void *self)
{
    struct history *history = self;

    if (!history)
        return;
    free(history->times);
    free(history);
}

static void bytes_free(void *bytes)
{
    g_bytes_unref(bytes);
}

static GHashTable *generation_new(void)
{
    return g_hash_table_new_full(g_bytes_hash, g_bytes_equal, bytes_free, history_free);
}

struct recent *recent_new(size_t sources)
{
    struct recent *recent = mem_zero(sizeof(*recent));

    recent->young = generation_new();
    recent->old = generation_new();
    recent->sources = sources;
    return recent;
}

void recent_free(struct recent *recent)
{
    if (!recent)
        return;
    g_hash_table_destroy(recent->young);
    g_hash_table_destroy(recent->old);
    free(recent);
}

/* Puts @history under @key (both taken over) into the young generation. */
static void insert(struct recent *recent, GBytes *key, struct history *history)
{
    if (g_hash_table_size(recent->young) >= recent->sources) {
        g_hash_table_destroy(recent->old);
        recent->old = recent->young;
        recent->young = generation_new();
    }
    g_hash_table_insert(recent->young, key, history);
}

/* NULL if nothing is known of @source. What is found becomes young again. */
static struct history *find(struct recent *recent, struct text source)
{
    GBytes *key = g_bytes_new_static(source.bytes, source.size);
    struct history *history = g_hash_table_lookup(recent->young, key);
    void *old_key = NULL, *old_history = NULL;

    if (!history && g_hash_table_steal_extended(recent->old, key, &old_key, &old_history)) {
        history = old_history;
        insert(recent, old_key, history);
    }
    g_bytes_unref(key);
    return history;
}

/* First of @history at or after @at_ms. */
static size_t position(const struct history *history, int64_t at_ms)
{
    size_t i = history->count;

    while (i > 0 && history->times[i - 1] >= at_ms)
        i--;
    return i;
}

static void drop_first(struct history *history, size_t count)
{
    history->count -= count;
    memmove(history->times, history->times + count, history->count * sizeof(*history->times));
}

void recent_add(struct recent *recent, struct text source, int64_t at_ms)
{
    struct history *history = find(recent, source);

    if (!history) {
        history = mem_zero(sizeof(*history));
        insert(recent, g_bytes_new(source.bytes, source.size), history);
    }
    size_t i = position(history, at_ms);

    history->times = mem_grow(history->times, history->count, &history->capacity, sizeof(at_ms));
    memmove(history->times + i + 1, history->times + i,
            (history->count - i) * sizeof(*history->times));
    history->times[i] = at_ms;
    history->count++;
    if (history->count > RECENT_EVENTS)
        drop_first(history, 1);
    drop_first(history, position(history, history->times[history->count - 1] - RECENT_KEPT_MS));
}

int64_t recent_count(struct recent *recent, struct text source, int64_t at_ms)
{
    const struct history *history = find(recent, source);

    if (!history)
        return 0;
    return (int64_t)(position(history, at_ms + 1) - position(history, at_ms - RECENT_WINDOW_MS));
}
