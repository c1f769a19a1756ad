#include "correlator/series.h"

#include <glib.h>
#include <stdlib.h>

#include "correlator/text_key.h"
#include "correlator/times.h"

enum { NEAR = 8 }; /* places looked at one by one before the search by halves */

/* One value and when it occurs. */
struct series_value {
    struct text text; /* the key in the table; bytes behind the struct */
    struct times times;
    uint64_t stamp; /* of the last walk that met it */
    size_t in_window;
};

static void value_free(void *self)
{
    struct series_value *value = self;

    times_done(&value->times);
    free(value);
}

void series_init(struct series *series, enum series_kind kind, int64_t timespan_ms)
{
    *series = (struct series){.kind = kind, .timespan_ms = timespan_ms, .kept_from_ms = INT64_MIN};
    if (kind == SERIES_VALUES)
        series->values = g_hash_table_new_full(text_key_hash, text_key_equal, NULL, value_free);
}

void series_done(struct series *series)
{
    for (size_t i = 0; i < series->count; i++)
        sighting_leave(series_at(series, i)->event);
    free(series->items);
    if (series->values)
        g_hash_table_destroy(series->values);
    *series = (struct series){0};
}

static struct series_value *value_of(struct series *series, struct text text)
{
    struct series_value *value = g_hash_table_lookup(series->values, &text);

    if (value)
        return value;
    value = mem_zero(sizeof(*value) + text.size);
    if (text.size)
        memcpy(value + 1, text.bytes, text.size);
    value->text = (struct text){(const char *)(value + 1), text.size};
    g_hash_table_insert(series->values, &value->text, value);
    return value;
}

static void leave_value(struct series *series, const struct member *member)
{
    struct series_value *value = member->value;

    if (series->kind != SERIES_VALUES)
        return;
    times_drop(&value->times, member->at_ms);
    if (value->times.count == 0)
        g_hash_table_remove(series->values, &value->text);
}

size_t series_before(const struct series *series, int64_t at_ms)
{
    size_t low = 0, high = series->count;

    for (int i = 0; i < NEAR; i++, high--) {
        if (high == 0 || series_at(series, high - 1)->at_ms < at_ms)
            return high;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (series_at(series, middle)->at_ms < at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The same for where a window begins: looks first where the last one did. */
static size_t window_before(struct series *series, int64_t from_ms)
{
    size_t at = series->window > series->first ? series->window - series->first : 0;

    if (at > series->count || (at > 0 && series_at(series, at - 1)->at_ms >= from_ms)) {
        at = series_before(series, from_ms);
    } else {
        size_t end = at + NEAR < series->count ? at + NEAR : series->count;

        while (at < end && series_at(series, at)->at_ms < from_ms)
            at++;
        if (at == end)
            at = series_before(series, from_ms);
    }
    series->window = series->first + at;
    return at;
}

/* The place of the first member that is not before the event. */
static size_t place_of(const struct series *series, int64_t at_ms, struct text event_id)
{
    size_t at = series_before(series, at_ms);
    size_t high = series->count;

    if (at == high || series_at(series, at)->at_ms != at_ms)
        return at;
    /* Of the same time: halves again, since a flood may have thousands of them. */
    while (at < high) {
        size_t middle = at + (high - at) / 2;

        if (sighting_compare(series_at(series, middle)->event, at_ms, event_id) < 0)
            at = middle + 1;
        else
            high = middle;
    }
    return at;
}

bool series_has(const struct series *series, int64_t at_ms, struct text event_id)
{
    return series_find(series, at_ms, event_id) < series->count;
}

size_t series_find(const struct series *series, int64_t at_ms, struct text event_id)
{
    size_t at = place_of(series, at_ms, event_id);

    if (at < series->count && sighting_compare(series_at(series, at)->event, at_ms, event_id) != 0)
        return series->count;
    return at;
}

/* Distinct values of the members in [from_ms, to), by a walk over all of them. */
static int64_t walk_values(struct series *series, int64_t from_ms, size_t to)
{
    int64_t distinct = 0;

    series->stamp++;
    for (size_t i = series_before(series, from_ms); i < to; i++) {
        struct series_value *value = series_at(series, i)->value;

        distinct += value->stamp != series->stamp;
        value->stamp = series->stamp;
    }
    return distinct;
}

/* Does the value occur in (after_ms, until_ms]? */
static bool occurs_again(const struct series_value *value, int64_t after_ms, int64_t until_ms)
{
    return times_any_within(&value->times, after_ms + 1, until_ms);
}

/* Distinct values among the members before place @at that lie in [at_ms - timespan, at_ms]: those
 * of the window before, without the values that have left since. */
static int64_t values_before(struct series *series, size_t at, int64_t at_ms)
{
    const struct member *last = at > 0 ? series_at(series, at - 1) : NULL;
    int64_t from_ms = at_ms - series->timespan_ms;

    if (!last || last->at_ms < from_ms)
        return 0;
    if (last->at_ms == at_ms)
        return last->held;
    if (last->at_ms - series->timespan_ms < series->kept_from_ms)
        return walk_values(series, from_ms, at);
    int64_t distinct = last->held;

    series->stamp++;
    for (size_t i = window_before(series, last->at_ms - series->timespan_ms); i < at; i++) {
        const struct member *member = series_at(series, i);

        if (member->at_ms >= from_ms)
            break;
        if (member->value->stamp == series->stamp ||
            occurs_again(member->value, member->at_ms, last->at_ms))
            continue;
        member->value->stamp = series->stamp;
        distinct--;
    }
    return distinct;
}

/* One more in the windows that end in [from_ms, to_ms], of members from place @at on. */
static void add_to_windows(struct series *series, size_t at, int64_t from_ms, int64_t to_ms)
{
    for (; at < series->count && series_at(series, at)->at_ms <= to_ms; at++)
        series_at(series, at)->held += series_at(series, at)->at_ms >= from_ms;
}

/* A value is new to a window [a - timespan, a] unless it occurs in it already: before @at_ms, or
 * between @at_ms and a. */
static void add_value(struct series *series, struct series_value *value, size_t at, int64_t at_ms)
{
    const struct times *times = &value->times;
    size_t next = times_before(times, at_ms);
    int64_t from_ms = at_ms, to_ms = at_ms + series->timespan_ms;

    if (next < times->count && times_at(times, next) - 1 < to_ms)
        to_ms = times_at(times, next) - 1;
    if (next > 0 && times_at(times, next - 1) + series->timespan_ms + 1 > from_ms)
        from_ms = times_at(times, next - 1) + series->timespan_ms + 1;
    if (from_ms <= to_ms)
        add_to_windows(series, at, from_ms, to_ms);
}

/* Makes room at place @at. */
static struct member *open_gap(struct series *series, size_t at)
{
    if (series->first > 0 && series->first >= series->count) {
        memmove(series->items, series->items + series->first,
                series->count * sizeof(*series->items));
        series->window -= series->window > series->first ? series->first : series->window;
        series->first = 0;
    }
    series->items = mem_grow(series->items, series->first + series->count, &series->capacity,
                             sizeof(*series->items));
    struct member *place = series_at(series, at);

    memmove(place + 1, place, (series->count - at) * sizeof(*place));
    series->count++;
    return place;
}

/* What the new member's own window counts, before it is in. */
static int64_t held_by_new(struct series *series, const struct series_value *value, size_t at,
                           int64_t at_ms)
{
    int64_t from_ms = at_ms - series->timespan_ms;

    if (series->kind == SERIES_EVENTS)
        return (int64_t)(series_before(series, at_ms + 1) - window_before(series, from_ms)) + 1;
    /* Of members with its time, the first tells: all of them see the same window. */
    size_t same = series_before(series, at_ms);
    int64_t distinct = same < series->count && series_at(series, same)->at_ms == at_ms
                           ? series_at(series, same)->held
                           : values_before(series, at, at_ms);

    return distinct + !times_any_within(&value->times, from_ms, at_ms);
}

struct member *series_add(struct series *series, struct sighting *event, struct text value_text)
{
    int64_t at_ms = event->event.event_time;
    size_t at = place_of(series, at_ms, event->event.event_id);
    size_t same = series_before(series, at_ms);
    struct member member = {.at_ms = at_ms, .event = sighting_share(event)};

    if (series->kind == SERIES_VALUES) {
        member.value = value_of(series, value_text);
        member.held = held_by_new(series, member.value, at, at_ms);
        add_value(series, member.value, same, at_ms);
        times_add(&member.value->times, at_ms);
    } else if (series->kind == SERIES_EVENTS) {
        member.held = held_by_new(series, NULL, at, at_ms);
        add_to_windows(series, same, at_ms, at_ms + series->timespan_ms);
    }
    struct member *place = open_gap(series, at);

    *place = member;
    return place;
}

void series_drop_before(struct series *series, int64_t at_ms, series_gone *gone, void *self)
{
    while (series->count > 0 && series_at(series, 0)->at_ms < at_ms) {
        struct member member = *series_at(series, 0);

        gone(self, &member);
        series->first++;
        series->count--;
        leave_value(series, &member);
        sighting_leave(member.event);
    }
    if (at_ms > series->kept_from_ms)
        series->kept_from_ms = at_ms;
}

static void move_window(struct series_value *value, int64_t *distinct, bool enters)
{
    if (enters)
        *distinct += value->in_window++ == 0;
    else
        *distinct -= --value->in_window == 0;
}

/* Counts anew what each window holds of what is left. */
static void count_values(struct series *series)
{
    size_t from = 0, end = 0;
    int64_t distinct = 0;

    for (size_t i = 0; i < series->count; i = end) {
        int64_t at_ms = series_at(series, i)->at_ms;

        for (; end < series->count && series_at(series, end)->at_ms == at_ms; end++)
            move_window(series_at(series, end)->value, &distinct, true);
        for (; series_at(series, from)->at_ms < at_ms - series->timespan_ms; from++)
            move_window(series_at(series, from)->value, &distinct, false);
        for (; i < end; i++)
            series_at(series, i)->held = distinct;
    }
    for (; from < series->count; from++)
        move_window(series_at(series, from)->value, &distinct, false);
}

/* Takes out up to @excess of the oldest members: all, or only those whose value comes again.
 * Returns the time of the newest that went, INT64_MIN if none did. */
static int64_t sift(struct series *series, size_t excess, bool only_repeats, series_gone *gone,
                    void *self)
{
    size_t kept = 0;
    int64_t newest_ms = INT64_MIN;

    for (size_t i = 0; i < series->count; i++) {
        struct member member = *series_at(series, i);

        if (excess == 0 || (only_repeats && member.value->times.count < 2)) {
            *series_at(series, kept++) = member;
            continue;
        }
        gone(self, &member);
        newest_ms = member.at_ms;
        leave_value(series, &member);
        sighting_leave(member.event);
        excess--;
    }
    series->count = kept;
    return newest_ms;
}

int64_t series_crowd(struct series *series, size_t keep, series_gone *gone, void *self)
{
    int64_t newest_ms = INT64_MIN;

    if (series->kind == SERIES_VALUES && series->count > keep)
        newest_ms = sift(series, series->count - keep, true, gone, self);
    if (series->count > keep) {
        int64_t oldest_ms = sift(series, series->count - keep, false, gone, self);

        newest_ms = oldest_ms > newest_ms ? oldest_ms : newest_ms;
    }
    if (series->kind == SERIES_VALUES)
        count_values(series);
    return newest_ms;
}

struct member *series_append(struct series *series, struct sighting *event, struct text value)
{
    struct member member = {.at_ms = event->event.event_time, .event = sighting_share(event)};

    if (series->kind == SERIES_VALUES) {
        member.value = value_of(series, value);
        times_add(&member.value->times, member.at_ms);
    }
    struct member *place = open_gap(series, series->count);

    *place = member;
    return place;
}

static void count_events(struct series *series)
{
    size_t from = 0, end = 0;

    for (size_t i = 0; i < series->count; i = end) {
        int64_t at_ms = series_at(series, i)->at_ms;

        while (end < series->count && series_at(series, end)->at_ms == at_ms)
            end++;
        while (series_at(series, from)->at_ms < at_ms - series->timespan_ms)
            from++;
        for (; i < end; i++)
            series_at(series, i)->held = (int64_t)(end - from);
    }
}

void series_recount(struct series *series)
{
    if (series->kind == SERIES_VALUES)
        count_values(series);
    else if (series->kind == SERIES_EVENTS)
        count_events(series);
}

struct text series_value_text(const struct member *member)
{
    return member->value->text;
}
