#include "correlator/track_state.h"

#include <stddef.h>

#include "correlator/group.h"
#include "correlator/owned.h"

/* Bits of the first number of a track, */
enum { TRACK_CROWDED = 1, TRACK_JUDGED = 2, TRACK_GONE = 4, TRACK_DUE = 8, TRACK_ALL = 15 };

/* and of each slot. */
enum {
    SLOT_SEVERAL_TYPES = 1,
    SLOT_CHANGED = 2,
    SLOT_UNCONFIRMED = 4,
    SLOT_DORMANT = 8,
    SLOT_DUE = 16,
    SLOT_OPENER = 32,
    SLOT_AFTER = 64,
    SLOT_ALL = 127,
};

static const size_t event_fields[] = {
    offsetof(struct event, user),      offsetof(struct event, host),
    offsetof(struct event, source_ip), offsetof(struct event, target_ip),
    offsetof(struct event, rule_id),   offsetof(struct event, event_type),
};

static struct text field_of(const struct sighting *event, size_t i)
{
    struct text text;

    memcpy(&text, (const char *)&event->event + event_fields[i], sizeof(text));
    return text;
}

static void give_all(const struct series *series, track_state_event *take, void *self)
{
    for (size_t i = 0; i < series->count; i++)
        take(self, series_at(series, i)->event);
}

void track_state_events(const struct track *track, track_state_event *take, void *self)
{
    give_all(&track->series, take, self);
    for (size_t i = 0; i < track->plan->nested_count; i++)
        give_all(&track->nested[i], take, self);
    for (size_t i = 0; i < track->slots.count; i++) {
        const struct slot *slot = track->slots.items[i];

        if (slot->event)
            take(self, slot->event);
        if (slot->gist.earliest)
            take(self, slot->gist.earliest);
        if (slot->after.earliest)
            take(self, slot->after.earliest);
    }
}

/* Writing. */

/* The value of a value_count is mostly a field of its event. */
static void write_value(const struct member *member, struct pack *pack)
{
    struct text value = series_value_text(member);

    for (size_t i = 0; i < COUNT_OF(event_fields); i++) {
        if (text_equal(field_of(member->event, i), value)) {
            pack_number(pack, i + 1);
            return;
        }
    }
    pack_number(pack, 0);
    pack_text(pack, value);
}

static bool has_numbers(const struct plan *plan)
{
    switch (plan->rule ? plan->rule->type : CORRELATION_SILENCE) {
    case CORRELATION_VALUE_SUM:
    case CORRELATION_VALUE_AVG:
    case CORRELATION_VALUE_PERCENTILE:
        return true;
    case CORRELATION_EVENT_COUNT:
    case CORRELATION_VALUE_COUNT:
    case CORRELATION_TEMPORAL:
    case CORRELATION_TEMPORAL_ORDERED:
    case CORRELATION_SILENCE:
        break;
    }
    return false;
}

static bool has_selections(const struct plan *plan)
{
    return plan->rule && (plan->rule->type == CORRELATION_TEMPORAL ||
                          plan->rule->type == CORRELATION_TEMPORAL_ORDERED);
}

/* What the windows of the oldest members held cannot be told from those that are left: it is
 * written. Up to which member that is so. */
static size_t count_untold(const struct track *track, const struct series *series)
{
    int64_t from_ms = series->kept_from_ms;

    if (track->gone_ms >= from_ms)
        from_ms = track->gone_ms + 1;
    return series_before(series, from_ms + series->timespan_ms);
}

static void write_series(const struct track *track, const struct series *series, struct pack *pack)
{
    pack_number(pack, series->count);
    pack_signed(pack, track->newest_ms - series->kept_from_ms);
    for (size_t i = 0; series->kind == SERIES_VALUES && i < series->count; i++)
        write_value(series_at(series, i), pack);
    if (series->kind == SERIES_PLAIN)
        return;
    size_t untold = count_untold(track, series);

    pack_number(pack, untold);
    for (size_t i = 0; i < untold; i++)
        pack_number(pack, (uint64_t)series_at(series, i)->held);
}

static void write_members(const struct track *track, struct pack *pack)
{
    const struct series *series = &track->series;
    bool numbers = has_numbers(track->plan), selections = has_selections(track->plan);

    write_series(track, series, pack);
    for (size_t i = 0; i < series->count && (numbers || selections); i++) {
        if (numbers)
            pack_signed(pack, series_at(series, i)->number);
        else
            pack_number(pack, series_at(series, i)->selections);
    }
    for (size_t i = 0; i < track->plan->nested_count; i++)
        write_series(track, &track->nested[i], pack);
}

/* An id is mostly that of a member. */
static void write_id(const struct gist_id *id, const struct series *series, struct pack *pack)
{
    size_t at = series_find(series, id->at_ms, id->event_id);

    if (at < series->count) {
        pack_number(pack, at + 1);
        return;
    }
    pack_number(pack, 0);
    pack_time(pack, id->at_ms);
    pack_once(pack, id->event_id);
}

static void write_gist(const struct gist *gist, const struct series *series, struct pack *pack)
{
    unsigned differs = 0;

    for (unsigned i = 0; i < GIST_FIELDS; i++)
        differs |= (unsigned)gist->differs[i] << i;
    pack_number(pack, (uint64_t)gist->count);
    pack_number(pack, differs << 2 | (unsigned)gist->level);
    pack_real(pack, gist->confidence);
    pack_number(pack, gist->type_count);
    for (size_t i = 0; i < gist->type_count; i++)
        pack_text(pack, gist->types[i]);
    pack_number(pack, gist->id_count);
    for (size_t i = 0; i < gist->id_count; i++)
        write_id(&gist->ids[i], series, pack);
}

static void write_slot(const struct slot *slot, struct pack *pack)
{
    const struct series *series = &slot->track->series;
    bool is_due = slot->due_ms != GROUP_NEVER, has_after = slot->after.count > 0;

    pack_number(pack, (slot->has_several_types ? SLOT_SEVERAL_TYPES : 0U) |
                          (slot->is_changed ? SLOT_CHANGED : 0U) |
                          (slot->is_unconfirmed ? SLOT_UNCONFIRMED : 0U) |
                          (slot->is_dormant ? SLOT_DORMANT : 0U) | (is_due ? SLOT_DUE : 0U) |
                          (slot->opener.size ? SLOT_OPENER : 0U) | (has_after ? SLOT_AFTER : 0U));
    pack_time(pack, slot->start_ms);
    pack_time(pack, slot->first_hold_ms);
    pack_time(pack, slot->first_ms);
    pack_time(pack, slot->last_ms);
    pack_time(pack, slot->opened_ms);
    if (slot->opener.size)
        pack_once(pack, slot->opener);
    pack_number(pack, (uint64_t)slot->revision);
    pack_number(pack, (uint64_t)slot->status);
    pack_time(pack, slot->sent_ms);
    pack_time(pack, slot->settle_ms);
    if (is_due)
        pack_time(pack, slot->due_ms);
    if (!slot->is_dormant)
        write_gist(&slot->gist, series, pack);
    if (has_after)
        write_gist(&slot->after, series, pack);
}

void track_state_write(const struct track *track, struct pack *pack)
{
    bool is_judged = track->judged_ms != INT64_MIN, is_gone = track->gone_ms != INT64_MIN;
    bool is_due = track->due_ms != GROUP_NEVER;

    pack_number(pack, (track->is_crowded ? TRACK_CROWDED : 0U) | (is_judged ? TRACK_JUDGED : 0U) |
                          (is_gone ? TRACK_GONE : 0U) | (is_due ? TRACK_DUE : 0U));
    pack_time(pack, track->newest_ms);
    if (is_judged)
        pack_time(pack, track->judged_ms);
    if (is_gone)
        pack_time(pack, track->gone_ms);
    if (is_due)
        pack_time(pack, track->due_ms);
    write_members(track, pack);
    pack_number(pack, track->slots.count);
    for (size_t i = 0; i < track->slots.count; i++)
        write_slot(track->slots.items[i], pack);
}

/* Reading. */

struct reader {
    struct track *track;
    struct unpack *unpack;
    struct sighting *const *events; /* those that are still to be met */
    size_t count;
};

static void refuse(struct reader *reader)
{
    reader->unpack->is_broken = true;
}

/* NULL, and broken: there is none. */
static struct sighting *next_event(struct reader *reader)
{
    if (reader->count == 0) {
        refuse(reader);
        return NULL;
    }
    reader->count--;
    return *reader->events++;
}

static struct text read_value(struct reader *reader, const struct sighting *event)
{
    uint64_t field = pack_read_limited(reader->unpack, COUNT_OF(event_fields));

    return field == 0 ? pack_read_text(reader->unpack) : field_of(event, (size_t)field - 1);
}

/* Members come in order, each once. */
static bool comes_next(const struct series *series, const struct sighting *event)
{
    return series->count == 0 ||
           sighting_compare(series_at(series, series->count - 1)->event, event->event.event_time,
                            event->event.event_id) < 0;
}

static void read_held(struct reader *reader, struct series *series)
{
    size_t untold;

    series_recount(series);
    if (series->kind == SERIES_PLAIN)
        return;
    untold = (size_t)pack_read_limited(reader->unpack, series->count);
    for (size_t i = 0; i < untold; i++)
        series_at(series, i)->held = (int64_t)pack_read_limited(reader->unpack, INT32_MAX);
}

static void read_series(struct reader *reader, struct series *series)
{
    size_t count = (size_t)pack_read_limited(reader->unpack, reader->count);
    int64_t span_ms = pack_read_signed(reader->unpack);

    if (span_ms < -PACK_MAX_MS || span_ms > PACK_MAX_MS) {
        refuse(reader);
        return;
    }
    series->kept_from_ms = reader->track->newest_ms - span_ms;
    for (size_t i = 0; i < count && !reader->unpack->is_broken; i++) {
        struct sighting *event = next_event(reader);
        struct text value = {0};

        if (!event)
            return;
        if (series->kind == SERIES_VALUES)
            value = read_value(reader, event);
        if (comes_next(series, event))
            series_append(series, event, value);
        else
            refuse(reader);
    }
    read_held(reader, series);
}

static void read_members(struct reader *reader)
{
    struct track *track = reader->track;
    struct series *series = &track->series;
    bool numbers = has_numbers(track->plan), selections = has_selections(track->plan);

    read_series(reader, series);
    for (size_t i = 0; i < series->count && (numbers || selections); i++) {
        if (numbers)
            series_at(series, i)->number = pack_read_signed(reader->unpack);
        else
            series_at(series, i)->selections =
                (uint32_t)pack_read_limited(reader->unpack, UINT32_MAX);
    }
    for (size_t i = 0; i < track->plan->nested_count; i++)
        read_series(reader, &track->nested[i]);
}

static void read_types(struct reader *reader, struct gist *gist)
{
    size_t count = (size_t)pack_read_limited(reader->unpack, GIST_MAX_TYPES);

    for (size_t i = 0; i < count && !reader->unpack->is_broken; i++) {
        if (!gist_append_type(gist, pack_read_text(reader->unpack)))
            refuse(reader);
    }
}

static void read_ids(struct reader *reader, struct gist *gist)
{
    const struct series *series = &reader->track->series;
    size_t count = (size_t)pack_read_limited(reader->unpack, ALERT_MAX_EVENT_IDS);

    for (size_t i = 0; i < count && !reader->unpack->is_broken; i++) {
        size_t member = (size_t)pack_read_limited(reader->unpack, series->count);
        int64_t at_ms;
        struct text event_id;

        if (member > 0) {
            at_ms = series_at(series, member - 1)->at_ms;
            event_id = series_at(series, member - 1)->event->event.event_id;
        } else {
            at_ms = pack_read_time(reader->unpack);
            event_id = pack_read_once(reader->unpack);
        }
        if (!gist_append_id(gist, at_ms, event_id))
            refuse(reader);
    }
}

static void read_gist(struct reader *reader, struct gist *gist)
{
    struct unpack *unpack = reader->unpack;
    uint64_t flags;

    gist->count = (int64_t)pack_read_limited(unpack, INT64_MAX / 4);
    flags = pack_read_limited(unpack, (UINT64_C(1) << (GIST_FIELDS + 2)) - 1);
    for (unsigned i = 0; i < GIST_FIELDS; i++)
        gist->differs[i] = flags >> (2 + i) & 1;
    gist->level = (int)(flags & 3);
    gist->confidence = pack_read_real(unpack);
    read_types(reader, gist);
    read_ids(reader, gist);
    struct sighting *earliest = next_event(reader);

    if (earliest)
        gist->earliest = sighting_share(earliest);
    if (gist->count < (int64_t)gist->id_count || gist->id_count == 0)
        refuse(reader);
}

static void read_life(struct reader *reader, struct slot *slot, unsigned flags)
{
    struct unpack *unpack = reader->unpack;

    slot->has_several_types = flags & SLOT_SEVERAL_TYPES;
    slot->is_changed = flags & SLOT_CHANGED;
    slot->is_unconfirmed = flags & SLOT_UNCONFIRMED;
    slot->is_dormant = flags & SLOT_DORMANT;
    slot->opened_ms = pack_read_time(unpack);
    if (flags & SLOT_OPENER)
        slot->opener = owned_copy(pack_read_once(unpack));
    slot->revision = (int64_t)pack_read_limited(unpack, INT64_MAX / 4);
    slot->status = (int)pack_read_limited(unpack, ALERT_RESOLVED);
    slot->sent_ms = pack_read_time(unpack);
    slot->settle_ms = pack_read_time(unpack);
    if (flags & SLOT_DUE)
        slot->due_ms = pack_read_time(unpack);
    if (slot->is_dormant && (flags & (SLOT_CHANGED | SLOT_UNCONFIRMED | SLOT_DUE | SLOT_AFTER)))
        refuse(reader);
}

static void read_slot(struct reader *reader)
{
    struct track *track = reader->track;
    struct unpack *unpack = reader->unpack;
    unsigned flags = (unsigned)pack_read_limited(unpack, SLOT_ALL);
    int64_t start_ms = pack_read_time(unpack), slot_ms = track->plan->slot_ms;
    struct sighting *event = slot_ms ? NULL : next_event(reader);
    struct slot *slot = NULL;

    if (slot_ms ? slots_start(start_ms, slot_ms) == start_ms
                : event && event->event.event_time == start_ms)
        slot = slots_append(track, start_ms, event);
    if (!slot) {
        refuse(reader);
        return;
    }
    slot->first_hold_ms = pack_read_time(unpack);
    slot->first_ms = pack_read_time(unpack);
    slot->last_ms = pack_read_time(unpack);
    read_life(reader, slot, flags);
    if (!slot->is_dormant)
        read_gist(reader, &slot->gist);
    if (flags & SLOT_AFTER)
        read_gist(reader, &slot->after);
    if (slot->first_ms > slot->last_ms || slot->first_hold_ms > slot->last_ms)
        refuse(reader);
}

void track_state_read(struct track *track, struct sighting *const *events, size_t count,
                      struct unpack *unpack)
{
    struct reader reader = {track, unpack, events, count};
    unsigned flags = (unsigned)pack_read_limited(unpack, TRACK_ALL);
    size_t slots;

    track->is_crowded = flags & TRACK_CROWDED;
    track->newest_ms = pack_read_time(unpack);
    if (flags & TRACK_JUDGED)
        track->judged_ms = pack_read_time(unpack);
    if (flags & TRACK_GONE)
        track->gone_ms = pack_read_time(unpack);
    if (flags & TRACK_DUE)
        track->due_ms = pack_read_time(unpack);
    read_members(&reader);
    slots = pack_read_count(unpack);
    for (size_t i = 0; i < slots && !unpack->is_broken; i++)
        read_slot(&reader);
    if (reader.count > 0 || unpack->rest.size > 0 ||
        (track->series.count > 0 &&
         series_at(&track->series, track->series.count - 1)->at_ms > track->newest_ms))
        refuse(&reader);
}
