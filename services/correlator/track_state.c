#include "correlator/track_state.h"

#include <stddef.h>

#include "correlator/group.h"

/* Bits of the first number of a track. */
enum { TRACK_CROWDED = 1, TRACK_JUDGED = 2, TRACK_GONE = 4, TRACK_DUE = 8, TRACK_ALL = 15 };

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

static void give_all(const struct series *series, state_event *take, void *self)
{
    for (size_t i = 0; i < series->count; i++)
        take(self, series_at(series, i)->event);
}

void track_state_events(const struct track *track, state_event *take, void *self)
{
    give_all(&track->series, take, self);
    for (size_t i = 0; i < track->plan->nested_count; i++)
        give_all(&track->nested[i], take, self);
    for (size_t i = 0; i < track->slots.count; i++)
        slot_state_events(track->slots.items[i], take, self);
}

/* Writing. */

void track_state_write_value(const struct sighting *event, struct text value, struct pack *pack)
{
    for (size_t i = 0; i < COUNT_OF(event_fields); i++) {
        if (text_equal(field_of(event, i), value)) {
            pack_number(pack, i + 1);
            return;
        }
    }
    pack_number(pack, 0);
    pack_text(pack, value);
}

bool track_state_has_numbers(const struct plan *plan)
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

bool track_state_has_selections(const struct plan *plan)
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
        track_state_write_value(series_at(series, i)->event,
                                series_value_text(series_at(series, i)), pack);
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
    bool numbers = track_state_has_numbers(track->plan);
    bool selections = track_state_has_selections(track->plan);

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

void track_state_write_head(const struct track *track, struct pack *pack)
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
}

void track_state_write(const struct track *track, struct pack *pack)
{
    track_state_write_head(track, pack);
    write_members(track, pack);
    pack_number(pack, track->slots.count);
    for (size_t i = 0; i < track->slots.count; i++)
        slot_state_write(track->slots.items[i], false, pack);
}

/* Reading. */

struct reader {
    struct track *track;
    struct unpack *unpack;
    struct state_events events;
};

static void refuse(struct reader *reader)
{
    reader->unpack->is_broken = true;
}

struct text track_state_read_value(const struct sighting *event, struct unpack *unpack)
{
    uint64_t field = pack_read_limited(unpack, COUNT_OF(event_fields));

    return field == 0 ? pack_read_text(unpack) : field_of(event, (size_t)field - 1);
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
    size_t count = (size_t)pack_read_limited(reader->unpack, reader->events.count);
    int64_t span_ms = pack_read_signed(reader->unpack);

    if (span_ms < -PACK_MAX_MS || span_ms > PACK_MAX_MS) {
        refuse(reader);
        return;
    }
    series->kept_from_ms = reader->track->newest_ms - span_ms;
    for (size_t i = 0; i < count && !reader->unpack->is_broken; i++) {
        struct sighting *event = slot_state_next_event(&reader->events, reader->unpack);
        struct text value = {0};

        if (!event)
            return;
        if (series->kind == SERIES_VALUES)
            value = track_state_read_value(event, reader->unpack);
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
    bool numbers = track_state_has_numbers(track->plan);
    bool selections = track_state_has_selections(track->plan);

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

void track_state_read_head(struct track *track, struct unpack *unpack)
{
    unsigned flags = (unsigned)pack_read_limited(unpack, TRACK_ALL);

    track->is_crowded = flags & TRACK_CROWDED;
    track->newest_ms = pack_read_time(unpack);
    track->judged_ms = flags & TRACK_JUDGED ? pack_read_time(unpack) : INT64_MIN;
    track->gone_ms = flags & TRACK_GONE ? pack_read_time(unpack) : INT64_MIN;
    track->due_ms = flags & TRACK_DUE ? pack_read_time(unpack) : GROUP_NEVER;
}

bool track_state_is_newest(const struct track *track)
{
    const struct series *series = &track->series;

    return series->count == 0 || series_at(series, series->count - 1)->at_ms <= track->newest_ms;
}

void track_state_read(struct track *track, struct sighting *const *events, size_t count,
                      struct unpack *unpack)
{
    struct reader reader = {track, unpack, {events, count}};
    size_t slots;

    track_state_read_head(track, unpack);
    read_members(&reader);
    slots = pack_read_count(unpack);
    for (size_t i = 0; i < slots && !unpack->is_broken; i++)
        slot_state_read(track, &reader.events, false, unpack);
    if (reader.events.count > 0 || unpack->rest.size > 0 || !track_state_is_newest(track))
        refuse(&reader);
}
