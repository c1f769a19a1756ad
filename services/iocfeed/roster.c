#include "iocfeed/roster.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>

#include "iocfeed/key_index.h"

struct mark {
    struct text key; /* behind the mark, in its memory */
    uint64_t words;  /* hash of what the feed says, times aside */
    int64_t last_seen;
    int64_t valid_until;
};

struct roster {
    GHashTable *marks; /* struct mark *, its own key, owned */
};

static guint hash_mark(gconstpointer mark)
{
    return (guint)key_index_hash(((const struct mark *)mark)->key, 0);
}

static gboolean equal_marks(gconstpointer a, gconstpointer b)
{
    return text_equal(((const struct mark *)a)->key, ((const struct mark *)b)->key);
}

struct roster *roster_new(void)
{
    struct roster *roster = mem_zero(sizeof(*roster));

    roster->marks = g_hash_table_new_full(hash_mark, equal_marks, free, NULL);
    return roster;
}

void roster_free(struct roster *roster)
{
    if (!roster)
        return;
    g_hash_table_unref(roster->marks);
    free(roster);
}

static uint64_t hash_texts(uint64_t hash, const struct record_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        hash = key_index_hash(texts->items[i], hash + 1);
    return hash * 31 + texts->count;
}

static uint64_t words_of(const struct ioc_source *source)
{
    char confidence[sizeof(double)];
    uint64_t hash;

    memcpy(confidence, &source->confidence, sizeof(confidence));
    hash = key_index_hash((struct text){confidence, sizeof(confidence)}, 0);
    hash = key_index_hash(source->threat_type, hash + 1);
    hash = key_index_hash(source->description, hash + 1);
    return hash_texts(hash_texts(hash, &source->ports), &source->tags);
}

void roster_note(struct roster *roster, struct text key, const struct ioc_source *source)
{
    struct mark *mark = mem_zero(sizeof(*mark) + key.size);
    char *bytes = (char *)(mark + 1);

    memcpy(bytes, key.bytes, key.size);
    *mark = (struct mark){.key = {bytes, key.size},
                          .words = words_of(source),
                          .last_seen = source->last_seen,
                          .valid_until = source->valid_until};
    g_hash_table_replace(roster->marks, mark, mark);
}

void roster_drop(struct roster *roster, struct text key)
{
    const struct mark wanted = {.key = key};

    g_hash_table_remove(roster->marks, &wanted);
}

size_t roster_count(const struct roster *roster)
{
    return g_hash_table_size(roster->marks);
}

/* Does the feed say something else than the record has? */
static bool differs(const struct mark *mark, const struct ioc_source *source, int64_t now_ms)
{
    if (mark->words != words_of(source) || source->last_seen > mark->last_seen)
        return true;
    if (mark->valid_until == source->valid_until)
        return false;
    if (mark->valid_until == RECORD_NULL || source->valid_until == RECORD_NULL ||
        source->valid_until < mark->valid_until)
        return true;
    /* It holds longer than it did: worth a record when half of the rest is over. */
    return mark->valid_until - now_ms < (source->valid_until - now_ms) / 2;
}

static void tell(const struct roster_sink *sink, enum roster_change change, struct text key,
                 const struct sighting *sighting)
{
    if (sink)
        sink->change(sink->self, change, key, sighting);
}

static void compare_one(const struct roster *roster, const struct sightings_entry *entry,
                        int64_t now_ms, const struct roster_sink *sink,
                        struct roster_counts *counts)
{
    const struct mark wanted = {.key = entry->key};
    const struct mark *mark = g_hash_table_lookup(roster->marks, &wanted);

    if (entry->sighting.withdrawn) {
        if (mark) {
            counts->removed++;
            counts->taken_back++;
            tell(sink, ROSTER_REMOVED, entry->key, NULL);
        }
    } else if (!mark) {
        counts->added++;
        tell(sink, ROSTER_ADDED, entry->key, &entry->sighting);
    } else if (differs(mark, &entry->sighting.source, now_ms)) {
        counts->changed++;
        tell(sink, ROSTER_CHANGED, entry->key, &entry->sighting);
    } else {
        counts->same++;
    }
}

struct roster_counts roster_compare(const struct roster *roster, const struct sightings *sightings,
                                    bool is_complete, int64_t now_ms,
                                    const struct roster_sink *sink)
{
    struct roster_counts counts = {0};
    GHashTableIter iterator;
    gpointer mark;

    for (size_t i = 0; i < sightings_count(sightings); i++)
        compare_one(roster, sightings_at(sightings, i), now_ms, sink, &counts);
    if (!is_complete)
        return counts;
    g_hash_table_iter_init(&iterator, roster->marks);
    while (g_hash_table_iter_next(&iterator, &mark, NULL)) {
        const struct mark *known = mark;

        if (sightings_find(sightings, known->key))
            continue;
        counts.removed++;
        counts.taken_back += known->valid_until != RECORD_NULL && known->valid_until <= now_ms;
        tell(sink, ROSTER_REMOVED, known->key, NULL);
    }
    return counts;
}

int roster_may_shrink(size_t before, size_t now, double max_shrink, struct error *err)
{
    if (now >= before || max_shrink >= 1 || (double)(before - now) <= max_shrink * (double)before)
        return 0;
    return error_set_class(err, ERROR_POISON, -EBADMSG,
                           "it has shrunk from %zu IOCs to %zu; max_shrink allows it to lose a "
                           "share of %g at once, so the old set is kept",
                           before, now, max_shrink);
}
