#include "iocfeed/outside/desk_changes.h"

#include <stdlib.h>

#include "iocfeed/merge.h"

enum { SLICE = 2000, ARENA_BLOCK = 1 << 16, ARENA_KEPT = 1 << 20 };

struct change {
    struct text key;                 /* in the arena */
    const struct ioc_source *source; /* NULL: the feed has it no more */
};

struct desk_changes {
    struct arena *arena, *record_arena;
    struct change *items;
    size_t count, capacity, next;
};

struct desk_changes *desk_changes_new(void)
{
    struct desk_changes *changes = mem_zero(sizeof(*changes));

    changes->arena = arena_new(ARENA_BLOCK);
    changes->record_arena = arena_new(ARENA_BLOCK);
    return changes;
}

void desk_changes_free(struct desk_changes *changes)
{
    if (!changes)
        return;
    arena_free(changes->arena);
    arena_free(changes->record_arena);
    free(changes->items);
    free(changes);
}

static void add(void *self, enum roster_change kind, struct text key,
                const struct sighting *sighting)
{
    struct desk_changes *changes = self;

    changes->items =
        mem_grow(changes->items, changes->count, &changes->capacity, sizeof(*changes->items));
    changes->items[changes->count++] = (struct change){
        arena_copy(changes->arena, key), kind == ROSTER_REMOVED ? NULL : &sighting->source};
}

struct roster_counts desk_changes_compare(struct desk_changes *changes, const struct roster *roster,
                                          const struct sightings *sightings, bool is_complete,
                                          int64_t now_ms)
{
    const struct roster_sink sink = {changes, add};

    desk_changes_clear(changes);
    arena_reset(changes->arena, ARENA_KEPT);
    return roster_compare(roster, sightings, is_complete, now_ms, &sink);
}

void desk_changes_clear(struct desk_changes *changes)
{
    changes->count = changes->next = 0;
}

size_t desk_changes_count(const struct desk_changes *changes)
{
    return changes->count;
}

bool desk_changes_are_published(const struct desk_changes *changes)
{
    return changes->next == changes->count;
}

/* Negative: not now. 1: it is written; 0: there is nothing to write. */
static int publish(const struct change *change, const char *feed, const struct table *table,
                   struct publisher *publisher, int64_t now_ms, struct arena *arena)
{
    struct text tenant, value;
    enum ioc_type type;
    struct ioc ioc;

    if (!ioc_key_parse(change->key, &tenant, &type, &value))
        return 0;
    bool is_known = table_find(table, change->key, arena, &ioc), stays = true;

    if (!is_known && !change->source)
        return 0;
    if (!is_known)
        merge_start(&ioc, tenant, type, value);
    if (change->source)
        merge_add(&ioc, change->source, now_ms, arena);
    else
        stays = merge_remove(&ioc, text_of(feed), now_ms, arena);
    int result = publisher_put(publisher, change->key, tenant, stays ? &ioc : NULL, NULL);

    return result < 0 ? result : 1;
}

size_t desk_changes_publish(struct desk_changes *changes, const char *feed,
                            const struct table *table, struct publisher *publisher, int64_t now_ms)
{
    size_t written = 0;

    for (int i = 0; i < SLICE && changes->next < changes->count; i++) {
        arena_reset(changes->record_arena, ARENA_KEPT);
        int result = publish(&changes->items[changes->next], feed, table, publisher, now_ms,
                             changes->record_arena);

        if (result < 0)
            return written;
        written += (size_t)result;
        changes->next++;
    }
    return written;
}
