#include "correlator/slot_state.h"

#include "correlator/group.h"
#include "correlator/owned.h"

/* Bits of the first number of a slot. */
enum {
    SLOT_SEVERAL_TYPES = 1,
    SLOT_CHANGED = 2,
    SLOT_UNCONFIRMED = 4,
    SLOT_DORMANT = 8,
    SLOT_DUE = 16,
    SLOT_OPENER = 32,
    SLOT_AFTER = 64,
    SLOT_INEXACT = 128,
    SLOT_ALL = 255,
};

/* Bits of a gist's number: the level, what differs, and whether its ids are those of before. */
enum { GIST_LEVEL = 3, GIST_DIFFERS = 4, GIST_SAME_IDS = GIST_DIFFERS << GIST_FIELDS };

void slot_state_events(const struct slot *slot, state_event *take, void *self)
{
    if (slot->event)
        take(self, slot->event);
    if (slot->is_dormant)
        return;
    if (slot->gist.earliest)
        take(self, slot->gist.earliest);
    if (slot->after.earliest)
        take(self, slot->after.earliest);
}

struct sighting *slot_state_next_event(struct state_events *events, struct unpack *unpack)
{
    if (events->count == 0) {
        unpack->is_broken = true;
        return NULL;
    }
    events->count--;
    return *events->items++;
}

/* Writing. */

static bool is_of(const struct gist_id *id, const struct member *member)
{
    return sighting_compare(member->event, id->at_ms, id->event_id) == 0;
}

/* The ids from @i on that are those of members one behind the other: where in @series, and how
 * many. 0: not even the first is a member's. */
static size_t run_of(const struct gist *gist, size_t i, const struct series *series, size_t *first)
{
    size_t run = 0;

    *first = series_find(series, gist->ids[i].at_ms, gist->ids[i].event_id);
    while (i + run < gist->id_count && *first + run < series->count &&
           is_of(&gist->ids[i + run], series_at(series, *first + run)))
        run++;
    return run;
}

/* Mostly those of members: as runs, each with its place from 1 on; one that is none has place 0. */
static void write_ids(const struct gist *gist, const struct series *series, struct pack *pack)
{
    pack_number(pack, gist->id_count);
    for (size_t i = 0, first, run; i < gist->id_count; i += run) {
        run = run_of(gist, i, series, &first);
        pack_number(pack, run > 0 ? first + 1 : 0);
        if (run > 0) {
            pack_number(pack, run);
            continue;
        }
        pack_time(pack, gist->ids[i].at_ms);
        pack_once(pack, gist->ids[i].event_id);
        run = 1;
    }
}

static void write_gist(const struct gist *gist, const struct series *series, bool same_ids,
                       struct pack *pack)
{
    unsigned flags = (unsigned)gist->level | (same_ids ? (unsigned)GIST_SAME_IDS : 0U);

    for (unsigned i = 0; i < GIST_FIELDS; i++)
        flags |= gist->differs[i] ? (unsigned)GIST_DIFFERS << i : 0U;
    pack_number(pack, (uint64_t)gist->count);
    pack_number(pack, flags);
    pack_real(pack, gist->confidence);
    pack_number(pack, gist->type_count);
    for (size_t i = 0; i < gist->type_count; i++)
        pack_text(pack, gist->types[i]);
    if (!same_ids)
        write_ids(gist, series, pack);
}

/* Mostly one of the ids, by its place from 1 on; else place 0. */
static void write_opener(const struct slot *slot, struct pack *pack)
{
    size_t i = slot->gist.id_count;

    while (i > 0 && !text_equal(slot->gist.ids[i - 1].event_id, slot->opener))
        i--;
    pack_number(pack, i);
    if (i == 0)
        pack_once(pack, slot->opener);
}

void slot_state_write(const struct slot *slot, bool is_addition, struct pack *pack)
{
    const struct series *series = &slot->track->series;
    bool is_due = slot->due_ms != GROUP_NEVER, has_after = slot->after.count > 0;

    pack_number(pack, (slot->has_several_types ? SLOT_SEVERAL_TYPES : 0U) |
                          (slot->is_changed ? SLOT_CHANGED : 0U) |
                          (slot->is_unconfirmed ? SLOT_UNCONFIRMED : 0U) |
                          (slot->is_dormant ? SLOT_DORMANT : 0U) | (is_due ? SLOT_DUE : 0U) |
                          (slot->opener.size ? SLOT_OPENER : 0U) | (has_after ? SLOT_AFTER : 0U) |
                          (slot->is_inexact ? SLOT_INEXACT : 0U));
    pack_time(pack, slot->start_ms);
    pack_time(pack, slot->first_hold_ms);
    pack_time(pack, slot->first_ms);
    pack_time(pack, slot->last_ms);
    pack_time(pack, slot->opened_ms);
    pack_number(pack, (uint64_t)slot->revision);
    pack_number(pack, (uint64_t)slot->status);
    pack_time(pack, slot->sent_ms);
    pack_time(pack, slot->settle_ms);
    if (is_due)
        pack_time(pack, slot->due_ms);
    if (!slot->is_dormant)
        write_gist(&slot->gist, series, is_addition && !slot->gist.has_new_ids, pack);
    if (has_after)
        write_gist(&slot->after, series, is_addition && !slot->after.has_new_ids, pack);
    if (slot->opener.size)
        write_opener(slot, pack);
}

/* Reading. */

struct reader {
    struct slot *slot;
    const struct series *series;
    struct state_events *events;
    struct unpack *unpack;
};

static void refuse(struct reader *reader)
{
    reader->unpack->is_broken = true;
}

static void read_types(struct reader *reader, struct gist *gist)
{
    size_t count = (size_t)pack_read_limited(reader->unpack, GIST_MAX_TYPES);

    for (size_t i = 0; i < count && !reader->unpack->is_broken; i++) {
        if (!gist_append_type(gist, pack_read_text(reader->unpack)))
            refuse(reader);
    }
}

static void read_id(struct reader *reader, struct gist *gist)
{
    int64_t at_ms = pack_read_time(reader->unpack);
    struct text event_id = pack_read_once(reader->unpack);

    if (!gist_append_id(gist, at_ms, event_id))
        refuse(reader);
}

static void read_ids(struct reader *reader, struct gist *gist)
{
    const struct series *series = reader->series;
    size_t count = (size_t)pack_read_limited(reader->unpack, ALERT_MAX_EVENT_IDS);

    while (gist->id_count < count && !reader->unpack->is_broken) {
        size_t member = (size_t)pack_read_limited(reader->unpack, series->count);

        if (member == 0) {
            read_id(reader, gist);
            continue;
        }
        size_t most = series->count - (member - 1), left = count - gist->id_count;
        size_t run = (size_t)pack_read_limited(reader->unpack, most < left ? most : left);

        for (size_t i = 0; i < run; i++) {
            const struct member *at = series_at(series, member - 1 + i);

            if (!gist_append_id(gist, at->at_ms, at->event->event.event_id))
                refuse(reader);
        }
        if (run == 0)
            refuse(reader);
    }
}

/* The window's own copy where it has one, so that the event is in the next state once. */
static struct sighting *known(struct reader *reader, struct sighting *event)
{
    const struct series *series = reader->series;
    size_t at = series_find(series, event->event.event_time, event->event.event_id);

    return at < series->count ? series_at(series, at)->event : event;
}

/* The ids of @gist stay if they are those of before; all else goes first. */
static void read_gist(struct reader *reader, struct gist *gist)
{
    struct unpack *unpack = reader->unpack;
    int64_t count = (int64_t)pack_read_limited(unpack, INT64_MAX / 4);
    uint64_t flags = pack_read_limited(unpack, 2 * GIST_SAME_IDS - 1);

    gist_clear(gist, flags & GIST_SAME_IDS);
    gist->count = count;
    for (unsigned i = 0; i < GIST_FIELDS; i++)
        gist->differs[i] = flags & ((unsigned)GIST_DIFFERS << i);
    gist->level = (int)(flags & GIST_LEVEL);
    gist->confidence = pack_read_real(unpack);
    read_types(reader, gist);
    if (!(flags & GIST_SAME_IDS))
        read_ids(reader, gist);
    struct sighting *earliest = slot_state_next_event(reader->events, unpack);

    if (earliest)
        gist->earliest = sighting_share(known(reader, earliest));
    if (gist->count < (int64_t)gist->id_count || gist->id_count == 0)
        refuse(reader);
    gist->has_new_ids = false;
}

static void read_life(struct reader *reader, unsigned flags)
{
    struct unpack *unpack = reader->unpack;
    struct slot *slot = reader->slot;

    slot->has_several_types = flags & SLOT_SEVERAL_TYPES;
    slot->is_inexact = flags & SLOT_INEXACT;
    slot->is_changed = flags & SLOT_CHANGED;
    slot->is_unconfirmed = flags & SLOT_UNCONFIRMED;
    slot->is_dormant = flags & SLOT_DORMANT;
    slot->opened_ms = pack_read_time(unpack);
    slot->revision = (int64_t)pack_read_limited(unpack, INT64_MAX / 4);
    slot->status = (int)pack_read_limited(unpack, ALERT_RESOLVED);
    slot->sent_ms = pack_read_time(unpack);
    slot->settle_ms = pack_read_time(unpack);
    slot->due_ms = flags & SLOT_DUE ? pack_read_time(unpack) : GROUP_NEVER;
    if (slot->is_dormant && (flags & (SLOT_CHANGED | SLOT_UNCONFIRMED | SLOT_DUE | SLOT_AFTER)))
        refuse(reader);
}

static void read_opener(struct reader *reader, bool is_kept)
{
    struct slot *slot = reader->slot;
    size_t most = slot->gist.id_count;
    size_t i = is_kept ? (size_t)pack_read_limited(reader->unpack, most) : 0;

    owned_free(slot->opener);
    slot->opener = (struct text){0};
    if (is_kept)
        slot->opener =
            owned_copy(i > 0 ? slot->gist.ids[i - 1].event_id : pack_read_once(reader->unpack));
}

/* The slot that @start_ms begins, or that of the next event; NULL: there cannot be one. */
static struct slot *place(struct track *track, int64_t start_ms, struct state_events *events,
                          bool is_addition, struct unpack *unpack)
{
    int64_t slot_ms = track->plan->slot_ms;
    struct sighting *event = slot_ms ? NULL : slot_state_next_event(events, unpack);

    if (slot_ms ? slots_start(start_ms, slot_ms) != start_ms
                : !event || event->event.event_time != start_ms)
        return NULL;
    return is_addition ? slots_take(track, start_ms, event) : slots_append(track, start_ms, event);
}

void slot_state_read(struct track *track, struct state_events *events, bool is_addition,
                     struct unpack *unpack)
{
    unsigned flags = (unsigned)pack_read_limited(unpack, SLOT_ALL);
    int64_t start_ms = pack_read_time(unpack);
    struct slot *slot = place(track, start_ms, events, is_addition, unpack);
    struct reader reader = {slot, &track->series, events, unpack};

    if (!slot) {
        unpack->is_broken = true;
        return;
    }
    slot->first_hold_ms = pack_read_time(unpack);
    slot->first_ms = pack_read_time(unpack);
    slot->last_ms = pack_read_time(unpack);
    read_life(&reader, flags);
    if (slot->is_dormant)
        slots_sleep(slot);
    else
        read_gist(&reader, &slot->gist);
    if (flags & SLOT_AFTER)
        read_gist(&reader, &slot->after);
    else
        gist_done(&slot->after);
    read_opener(&reader, flags & SLOT_OPENER);
    if (slot->first_ms > slot->last_ms || slot->first_hold_ms > slot->last_ms)
        refuse(&reader);
    slot->is_unwritten = false;
}
