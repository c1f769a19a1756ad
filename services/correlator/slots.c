#include "correlator/slots.h"

#include <stdlib.h>

#include "correlator/group.h"
#include "correlator/owned.h"
#include "correlator/track.h"

enum { AT_ONCE = 16 }; /* slots go by the sixteenth part, as that takes a walk */

static void slot_free(struct slot *slot)
{
    owned_free(slot->opener);
    sighting_leave(slot->event);
    gist_done(&slot->gist);
    gist_done(&slot->after);
    free(slot);
}

void slots_done(struct slots *slots)
{
    for (size_t i = 0; i < slots->count; i++)
        slot_free(slots->items[i]);
    free(slots->items);
    *slots = (struct slots){0};
}

int64_t slots_start(int64_t at_ms, int64_t slot_ms)
{
    int64_t into = at_ms % slot_ms;

    return at_ms - (into < 0 ? into + slot_ms : into);
}

/* The place of the first that is not before the slot from @start_ms, or the event's. */
static size_t place_of(const struct slots *slots, int64_t start_ms, const struct sighting *event)
{
    size_t low = 0, high = slots->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct slot *slot = slots->items[middle];
        bool is_before = slot->start_ms < start_ms;

        if (event && slot->start_ms == start_ms)
            is_before = sighting_compare(slot->event, start_ms, event->event.event_id) < 0;
        if (is_before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct slot *find(const struct slots *slots, int64_t start_ms, const struct sighting *event)
{
    size_t at = place_of(slots, start_ms, event);
    struct slot *slot = at < slots->count ? slots->items[at] : NULL;

    if (!slot || slot->start_ms != start_ms)
        return NULL;
    return !event || text_equal(slot->event->event.event_id, event->event.event_id) ? slot : NULL;
}

/* The alert of the slot beside, if that has one. */
static struct slot *beside(const struct slot *slot, int direction)
{
    int64_t slot_ms = slot->track->plan->slot_ms;

    return slot_ms ? find(&slot->track->slots, slot->start_ms + direction * slot_ms, NULL) : NULL;
}

struct slot *slots_before(const struct slot *slot)
{
    return beside(slot, -1);
}

struct slot *slots_after(const struct slot *slot)
{
    return beside(slot, 1);
}

static struct slot *insert(struct track *track, int64_t start_ms, struct sighting *event)
{
    struct slots *slots = &track->slots;
    size_t at = place_of(slots, start_ms, event);
    struct slot *slot = mem_zero(sizeof(*slot));

    slot->track = track;
    slot->start_ms = start_ms;
    slot->event = event ? sighting_share(event) : NULL;
    slot->due_ms = GROUP_NEVER;
    slot->is_unwritten = true;
    slots->items = mem_grow(slots->items, slots->count, &slots->capacity, sizeof(struct slot *));
    memmove(slots->items + at + 1, slots->items + at, (slots->count - at) * sizeof(struct slot *));
    slots->items[at] = slot;
    slots->count++;
    return slot;
}

/* Members in [from_ms, to_ms] count. */
static void cover(struct slot *slot, int64_t from_ms, int64_t to_ms)
{
    const struct series *series = &slot->track->series;

    for (size_t i = series_before(series, from_ms);
         i < series->count && series_at(series, i)->at_ms <= to_ms; i++)
        gist_add(&slot->gist, series_at(series, i)->event);
}

/* When the earliest event of the window that ends at @at_ms was. */
static int64_t window_start(const struct track *track, int64_t at_ms)
{
    size_t first = series_before(&track->series, at_ms - track->plan->timespan_ms);

    return series_at(&track->series, first)->at_ms;
}

/* Whether an event of another type from the same entity is near one of those covered. Only alerts
 * of single events ask: their windows are moments. */
static bool is_mixed(const struct slot *slot, int64_t at_ms)
{
    const struct track *track = slot->track;

    return !track->plan->rule && group_has_other_type(track->group, track->plan, at_ms);
}

static void open_slot(struct slot *slot, int64_t first_hold_ms, int64_t last_ms, struct life *life)
{
    slot->first_hold_ms = first_hold_ms;
    slot->first_ms = window_start(slot->track, first_hold_ms);
    slot->last_ms = last_ms;
    cover(slot, slot->first_ms, last_ms);
    slot->has_several_types = is_mixed(slot, first_hold_ms) || is_mixed(slot, last_ms);
    life_open(life, slot);
}

/* An earlier first hold adds the members between the new and the old first. */
static bool reach_back(struct slot *slot, int64_t hold_ms)
{
    if (hold_ms >= slot->first_hold_ms)
        return false;
    int64_t first_ms = window_start(slot->track, hold_ms);

    slot->first_hold_ms = hold_ms;
    if (first_ms >= slot->first_ms)
        return false;
    cover(slot, first_ms, slot->first_ms - 1);
    slot->first_ms = first_ms;
    return true;
}

/* A later last hold adds those between the old and the new last, forgotten ones too. */
static bool reach_on(struct slot *slot, int64_t hold_ms)
{
    if (hold_ms <= slot->last_ms)
        return false;
    cover(slot, slot->last_ms + 1, hold_ms);
    gist_merge(&slot->gist, &slot->after);
    gist_done(&slot->after);
    slot->last_ms = hold_ms;
    return true;
}

static void extend(struct slot *slot, int64_t first_ms, int64_t last_ms,
                   struct slots_change *change, struct life *life)
{
    bool is_earlier = reach_back(slot, first_ms), is_later = reach_on(slot, last_ms);

    if (!slot->has_several_types && (is_mixed(slot, first_ms) || is_mixed(slot, last_ms)))
        slot->has_several_types = true;
    else if (!is_earlier && !is_later)
        return;
    change->counted = true;
    life_change(life, slot);
}

/* Where each event is an alert of its own: those at @at_ms. */
static void hold_alone(struct track *track, int64_t at_ms, struct slots_change *change,
                       struct life *life)
{
    const struct series *series = &track->series;

    for (size_t i = series_before(series, at_ms);
         i < series->count && series_at(series, i)->at_ms == at_ms; i++) {
        struct sighting *event = series_at(series, i)->event;

        if (find(&track->slots, at_ms, event))
            continue;
        open_slot(insert(track, at_ms, event), at_ms, at_ms, life);
        change->opened = true;
    }
}

void slots_hold(struct track *track, int64_t first_ms, int64_t last_ms, struct slots_change *change,
                struct life *life)
{
    if (track->plan->slot_ms == 0) {
        hold_alone(track, first_ms, change, life);
        return;
    }
    int64_t start_ms = slots_start(first_ms, track->plan->slot_ms);
    struct slot *slot = find(&track->slots, start_ms, NULL);

    if (slot) {
        extend(slot, first_ms, last_ms, change, life);
        return;
    }
    open_slot(insert(track, start_ms, NULL), first_ms, last_ms, life);
    change->opened = true;
}

bool slots_count(struct track *track, struct sighting *event, struct life *life)
{
    const struct slots *slots = &track->slots;
    int64_t at_ms = event->event.event_time, slot_ms = track->plan->slot_ms;
    int64_t from_ms = slot_ms ? slots_start(at_ms, slot_ms) : at_ms;
    bool is_counted = false;

    /* An alert begins at most a timespan before its slot. */
    for (size_t i = place_of(slots, from_ms, NULL); i < slots->count; i++) {
        struct slot *slot = slots->items[i];

        if (slot->start_ms > at_ms + track->plan->timespan_ms)
            break;
        bool is_new_first =
            at_ms < slot->first_ms && at_ms >= slot->first_hold_ms - track->plan->timespan_ms;

        if (!is_new_first && (at_ms < slot->first_ms || at_ms > slot->last_ms))
            continue;
        if (is_new_first)
            slot->first_ms = at_ms;
        gist_add(&slot->gist, event);
        slot->has_several_types = slot->has_several_types || is_mixed(slot, at_ms);
        life_change(life, slot);
        is_counted = true;
    }
    return is_counted;
}

int64_t slots_known_until(const struct track *track, int64_t at_ms)
{
    int64_t slot_ms = track->plan->slot_ms;
    const struct slot *slot =
        slot_ms ? find(&track->slots, slots_start(at_ms, slot_ms), NULL) : NULL;

    return slot && at_ms >= slot->first_hold_ms && at_ms <= slot->last_ms ? slot->last_ms
                                                                          : at_ms - 1;
}

void slots_open_late(struct track *track, struct sighting *event, struct life *life)
{
    int64_t at_ms = event->event.event_time, slot_ms = track->plan->slot_ms;
    int64_t start_ms = slot_ms ? slots_start(at_ms, slot_ms) : at_ms;
    struct sighting *alone = slot_ms ? NULL : event;

    if (find(&track->slots, start_ms, alone))
        return;
    struct slot *slot = insert(track, start_ms, alone);

    slot->first_hold_ms = slot->first_ms = slot->last_ms = at_ms;
    gist_add(&slot->gist, event);
    slot->has_several_types = is_mixed(slot, at_ms);
    life_open(life, slot);
}

void slots_forget(struct track *track, const struct member *member)
{
    int64_t slot_ms = track->plan->slot_ms;
    struct slot *slot =
        slot_ms ? find(&track->slots, slots_start(member->at_ms, slot_ms), NULL) : NULL;

    if (slot && !slot->is_dormant && member->at_ms > slot->last_ms) {
        gist_add(&slot->after, member->event);
        slot->is_unwritten = true;
    }
}

void slots_mix(struct track *track, int64_t at_ms, int64_t window_ms, struct life *life)
{
    const struct series *series = &track->series;
    int64_t slot_ms = track->plan->slot_ms;

    for (size_t i = series_before(series, at_ms - window_ms);
         i < series->count && series_at(series, i)->at_ms <= at_ms + window_ms;) {
        const struct member *member = series_at(series, i);
        int64_t start_ms = slot_ms ? slots_start(member->at_ms, slot_ms) : member->at_ms;
        struct slot *slot = find(&track->slots, start_ms, slot_ms ? NULL : member->event);

        if (slot && !slot->has_several_types) {
            slot->has_several_types = true;
            life_change(life, slot);
        }
        i = slot_ms ? series_before(series, start_ms + slot_ms) : i + 1;
    }
}

struct slot *slots_append(struct track *track, int64_t start_ms, struct sighting *event)
{
    const struct slots *slots = &track->slots;

    if (place_of(slots, start_ms, event) < slots->count)
        return NULL;
    return insert(track, start_ms, event);
}

struct slot *slots_take(struct track *track, int64_t start_ms, struct sighting *event)
{
    struct slot *slot = find(&track->slots, start_ms, event);

    return slot ? slot : insert(track, start_ms, event);
}

/* Of the event that is an alert of its own, its time and id are enough to know it by. */
static void forget_event(struct slot *slot)
{
    if (!slot->event)
        return;
    struct event known = {.event_time = slot->event->event.event_time,
                          .event_id = slot->event->event.event_id};
    struct sighting *kept = sighting_new(&known);

    sighting_leave(slot->event);
    slot->event = kept;
}

void slots_sleep(struct slot *slot)
{
    slot->is_dormant = slot->is_unwritten = true;
    gist_done(&slot->gist);
    gist_done(&slot->after);
    forget_event(slot);
}

/* Events of its time are late by now; those of the slot behind it, which would say that this alert
 * goes on, too. */
static bool is_over(const struct slot *slot)
{
    const struct track *track = slot->track;
    bool has_said_all = !slot->is_changed && !slot->is_unconfirmed && slot->due_ms == GROUP_NEVER;

    return has_said_all && track->newest_ms != INT64_MIN &&
           track->newest_ms - track->plan->late_ms > slot->start_ms + 2 * track->plan->slot_ms;
}

/* Up to @most of the oldest that have said their last, and opened before @opened_before_ms. */
static void drop_dormant(struct slots *slots, size_t most, int64_t opened_before_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < slots->count; i++) {
        struct slot *slot = slots->items[i];

        if (most > 0 && slot->is_dormant && slot->opened_ms < opened_before_ms) {
            slot_free(slot);
            most--;
        } else {
            slots->items[kept++] = slot;
        }
    }
    slots->count = kept;
}

/* After some went the group is written as a whole: so a few wait until there are more. */
void slots_retire(struct track *track, int64_t opened_before_ms)
{
    struct slots *slots = &track->slots;
    size_t past = 0;

    for (size_t i = 0; i < slots->count; i++) {
        struct slot *slot = slots->items[i];

        if (!slot->is_dormant && is_over(slot))
            slots_sleep(slot);
        past += slot->is_dormant && slot->opened_ms < opened_before_ms;
    }
    if (past > slots->count / AT_ONCE)
        drop_dormant(slots, past, opened_before_ms);
}

size_t slots_make_room(struct track *track, size_t limit, struct life *life)
{
    struct slots *slots = &track->slots;
    size_t dormant = 0;

    if (slots->count <= limit)
        return 0;
    size_t excess = slots->count - (limit - limit / AT_ONCE);

    for (size_t i = 0; i < slots->count; i++)
        dormant += slots->items[i]->is_dormant;
    for (size_t i = 0; i < slots->count && dormant < excess; i++) {
        if (slots->items[i]->is_dormant)
            continue;
        life_end(life, slots->items[i]);
        slots_sleep(slots->items[i]);
        dormant++;
    }
    drop_dormant(slots, excess, INT64_MAX);
    return excess;
}
