#include "iocfeed/sightings.h"

#include <stdlib.h>

#include "iocfeed/key_index.h"
#include "iocfeed/text_union.h"

struct sightings {
    struct text tenant;
    struct arena *arena;
    struct sightings_entry *entries;
    size_t count, capacity;
    size_t held;
    struct key_index index;
};

struct sightings *sightings_new(const char *tenant)
{
    struct sightings *sightings = mem_zero(sizeof(*sightings));

    sightings->tenant = text_of(tenant);
    sightings->arena = arena_new(256 * 1024);
    return sightings;
}

void sightings_free(struct sightings *sightings)
{
    if (!sightings)
        return;
    key_index_done(&sightings->index);
    free(sightings->entries);
    arena_free(sightings->arena);
    free(sightings);
}

static struct text key_of(const void *self, size_t position)
{
    const struct sightings *sightings = self;

    return sightings->entries[position].key;
}

static struct record_texts copy_texts(struct arena *arena, const struct record_texts *texts)
{
    struct record_texts copy = {.count = texts->count};

    if (texts->count)
        copy.items = arena_take(arena, texts->count * sizeof(*copy.items));
    for (size_t i = 0; i < texts->count; i++)
        copy.items[i] = arena_copy(arena, texts->items[i]);
    return copy;
}

static struct ioc_source copy_source(struct arena *arena, const struct ioc_source *source)
{
    struct ioc_source copy = *source;

    copy.name = arena_copy(arena, source->name);
    copy.threat_type = arena_copy(arena, source->threat_type);
    copy.description = arena_copy(arena, source->description);
    copy.ports = copy_texts(arena, &source->ports);
    copy.tags = copy_texts(arena, &source->tags);
    return copy;
}

/* RECORD_NULL is the smallest number there is: not said. */
static void earliest(int64_t *time, int64_t other)
{
    if (*time == RECORD_NULL || (other != RECORD_NULL && other < *time))
        *time = other;
}

static void join(struct arena *arena, struct ioc_source *source, const struct ioc_source *more)
{
    earliest(&source->first_seen, more->first_seen);
    if (more->last_seen > source->last_seen)
        source->last_seen = more->last_seen;
    if (more->valid_until == RECORD_NULL ||
        (source->valid_until != RECORD_NULL && more->valid_until > source->valid_until))
        source->valid_until = more->valid_until;
    if (more->confidence > source->confidence) {
        source->confidence = more->confidence;
        source->threat_type = arena_copy(arena, more->threat_type);
    }
    if (source->description.size == 0)
        source->description = arena_copy(arena, more->description);
    text_union_add(&source->tags, &more->tags, arena);
    if (source->ports.count == 0 || more->ports.count == 0)
        source->ports = (struct record_texts){0};
    else
        text_union_add(&source->ports, &more->ports, arena);
}

static void add_new(struct sightings *sightings, struct text key, const struct sighting *sighting)
{
    struct sightings_entry *entry;

    sightings->entries = mem_grow(sightings->entries, sightings->count, &sightings->capacity,
                                  sizeof(*sightings->entries));
    entry = &sightings->entries[sightings->count];
    entry->key = key;
    entry->sighting = *sighting;
    entry->sighting.value =
        text_slice(key, key.size - sighting->value.size, key.size); /* the key ends with it */
    entry->sighting.source = copy_source(sightings->arena, &sighting->source);
    key_index_add(&sightings->index, sightings->count, key_of, sightings);
    sightings->count++;
    sightings->held += !sighting->withdrawn;
}

void sightings_add(struct sightings *sightings, const struct sighting *sighting)
{
    struct arena_mark mark = arena_mark(sightings->arena);
    struct text key = ioc_key(sightings->tenant, sighting->type, sighting->value, sightings->arena);
    int64_t found = key_index_find(&sightings->index, key, key_of, sightings);

    if (found < 0) {
        add_new(sightings, key, sighting);
        return;
    }
    struct sighting *known = &sightings->entries[found].sighting;

    arena_rewind(sightings->arena, mark);
    if (sighting->withdrawn)
        return;
    if (known->withdrawn) {
        known->withdrawn = false;
        known->source = copy_source(sightings->arena, &sighting->source);
        sightings->held++;
        return;
    }
    join(sightings->arena, &known->source, &sighting->source);
}

static void add(void *self, const struct sighting *sighting)
{
    sightings_add(self, sighting);
}

struct intake_sink sightings_sink(struct sightings *sightings)
{
    return (struct intake_sink){.self = sightings, .sighting = add};
}

size_t sightings_count(const struct sightings *sightings)
{
    return sightings->count;
}

size_t sightings_held(const struct sightings *sightings)
{
    return sightings->held;
}

const struct sightings_entry *sightings_at(const struct sightings *sightings, size_t i)
{
    return &sightings->entries[i];
}

const struct sightings_entry *sightings_find(const struct sightings *sightings, struct text key)
{
    int64_t found = key_index_find(&sightings->index, key, key_of, sightings);

    return found < 0 ? NULL : &sightings->entries[found];
}
