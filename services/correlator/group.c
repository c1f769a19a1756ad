#include "correlator/group.h"

#include <stdlib.h>

#include "base/number.h"
#include "correlator/owned.h"
#include "correlator/slot_alert.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void add_part(struct buf *key, struct text part)
{
    if (part.size < 10)
        buf_add_byte(key, (char)('0' + part.size));
    else
        number_write_integer((int64_t)part.size, key);
    buf_add_byte(key, ':');
    buf_add(key, part);
}

void group_write_key(struct text tenant, const struct text *names, const struct text *values,
                     size_t count, struct buf *key)
{
    add_part(key, tenant);
    for (size_t i = 0; i < count; i++)
        add_part(key, names[i]);
    for (size_t i = 0; i < count; i++)
        add_part(key, values[i]);
}

/* @part stands in @key at *@at, behind its length. */
static struct text part_of(struct text key, size_t *at, struct text part)
{
    size_t colon = *at + text_find_byte(text_slice(key, *at, key.size), ':');

    *at = colon + 1 + part.size;
    return text_slice(key, colon + 1, *at);
}

struct group *group_new(struct text key, struct text tenant, const struct text *names,
                        const struct text *values, size_t count, int64_t types_window_ms)
{
    size_t texts = 2 * count * sizeof(struct text), at = 0;
    struct group *group = mem_zero(sizeof(*group) + texts + key.size);
    char *bytes = (char *)(group + 1) + texts;

    group_id_write(tenant, names, values, count, group->id);
    memcpy(bytes, key.bytes, key.size);
    group->key = (struct text){bytes, key.size};
    group->names = (struct text *)(void *)(group + 1);
    group->values = group->names + count;
    group->count = count;
    group->due_ms = GROUP_NEVER;
    group->types_window_ms = types_window_ms;
    group->tenant = part_of(group->key, &at, tenant);
    for (size_t i = 0; i < count; i++)
        group->names[i] = part_of(group->key, &at, names[i]);
    for (size_t i = 0; i < count; i++)
        group->values[i] = part_of(group->key, &at, values[i]);
    return group;
}

static void stranger_done(struct group_stranger *stranger)
{
    for (size_t i = 0; i < stranger->count; i++)
        sighting_leave(stranger->events[i]);
    free(stranger->events);
    owned_free(stranger->rule);
    owned_free(stranger->body);
}

void group_free(struct group *group)
{
    if (!group)
        return;
    for (size_t i = 0; i < group->track_count; i++)
        track_free(group->tracks[i]);
    free(group->tracks);
    for (size_t i = 0; i < group->stranger_count; i++)
        stranger_done(&group->strangers[i]);
    free(group->strangers);
    attack_types_done(&group->types);
    free(group);
}

struct track *group_track(struct group *group, struct plan *plan)
{
    for (size_t i = 0; i < group->track_count; i++) {
        if (group->tracks[i]->plan == plan)
            return group->tracks[i];
    }
    group->tracks =
        mem_grow(group->tracks, group->track_count, &group->track_capacity, sizeof(struct track *));
    return group->tracks[group->track_count++] = track_new(plan, group);
}

/* What can no longer matter at @now_ms goes. */
static bool track_is_past(struct track *track, const struct group_keeping *keeping, int64_t now_ms)
{
    const struct slots *slots = &track->slots;
    size_t before = slots->count;
    int64_t expires_ms = track->expires_ms;

    slots_retire(track, now_ms - keeping->decision_ttl_ms);
    track->group->is_cut |= slots->count < before;
    if (track->touched_ms)
        expires_ms = track->touched_ms + track->plan->keep_ms + keeping->standstill_ms;
    for (size_t i = 0; i < slots->count; i++) {
        const struct slot *slot = slots->items[i];

        expires_ms = later(expires_ms, slot->opened_ms + keeping->decision_ttl_ms);
        if (!slot->is_dormant)
            expires_ms = later(expires_ms, slot->settle_ms + keeping->standstill_ms);
    }
    track->expires_ms = expires_ms;
    return expires_ms <= now_ms && track->due_ms == GROUP_NEVER;
}

int64_t group_retire(struct group *group, const struct group_keeping *keeping, int64_t now_ms)
{
    int64_t expires_ms = now_ms + 1;
    size_t kept = 0;

    for (size_t i = 0; i < group->track_count; i++) {
        struct track *track = group->tracks[i];

        if (track_is_past(track, keeping, now_ms)) {
            track_free(track);
            continue;
        }
        expires_ms = later(expires_ms, track->expires_ms);
        group->tracks[kept++] = track;
    }
    group->is_cut |= kept < group->track_count;
    group->track_count = kept;
    kept = 0;
    for (size_t i = 0; i < group->stranger_count; i++) {
        struct group_stranger *stranger = &group->strangers[i];

        if (stranger->expires_ms <= now_ms) {
            stranger_done(stranger);
            continue;
        }
        expires_ms = later(expires_ms, stranger->expires_ms);
        group->strangers[kept++] = *stranger;
    }
    group->is_cut |= kept < group->stranger_count;
    group->stranger_count = kept;
    if (group->types.count > 0)
        expires_ms = later(expires_ms, now_ms + keeping->types_keep_ms + keeping->standstill_ms);
    group_find_due(group);
    return expires_ms;
}

bool group_shrink(struct group *group, struct life *life)
{
    bool is_less = false;

    for (size_t i = 0; i < group->track_count; i++) {
        struct track *track = group->tracks[i];

        is_less |= track_halve(track);
        is_less |= track->slots.count > 1 && slots_make_room(track, track->slots.count / 2, life);
    }
    return is_less;
}

/* An event of @type, which makes alerts of other types those of a source of several. */
static void note_type(struct group *group, struct text type, int64_t at_ms,
                      const struct group_limits *limits, struct life *life)
{
    attack_types_add(&group->types, type, at_ms, limits->types_keep_ms, limits->members);
    for (size_t i = 0; i < group->track_count; i++) {
        struct track *track = group->tracks[i];

        if (!track->plan->rule && !text_equal(plan_type(track->plan), type))
            slots_mix(track, at_ms, group->types_window_ms, life);
    }
}

struct share_result group_take(struct group *group, const struct share *share,
                               const struct group_limits *limits, struct life *life)
{
    struct share_result result = {0};

    if (!share->plan) {
        life->event_id = share->event_id;
        note_type(group, share->type, share->at_ms, limits, life);
        return result;
    }
    struct track *track = group_track(group, share->plan);
    bool was_crowded = track->is_crowded;

    life->event_id = share->offer.event->event.event_id;
    result.outcome = track_offer(track, &share->offer, limits->members, limits->lateness_ms, life);
    result.crowds = track->is_crowded && !was_crowded;
    result.dropped = track->dropped;
    result.forgotten = slots_make_room(track, limits->members, life);
    /* Of values the repeats go first: more than can be said again in few words. */
    group->is_cut |= track->dropped > 0 && track->series.kind == SERIES_VALUES;
    group->is_cut |= result.forgotten > 0;
    return result;
}

void group_wake(struct group *group, int64_t due_ms)
{
    if (due_ms < group->due_ms)
        group->due_ms = due_ms;
}

static void fire_track(struct track *track, const struct group_limits *limits, struct life *life)
{
    if (track->due_ms <= life->now_ms)
        track_settle_silent(track, limits->lateness_ms, life);
    for (size_t i = 0; i < track->slots.count && !life_has_its_fill(life); i++) {
        if (track->slots.items[i]->due_ms <= life->now_ms)
            life_fire(life, track->slots.items[i]);
    }
}

void group_find_due(struct group *group)
{
    group->due_ms = GROUP_NEVER;
    for (size_t i = 0; i < group->track_count; i++) {
        const struct track *track = group->tracks[i];

        group_wake(group, track->due_ms);
        for (size_t k = 0; k < track->slots.count; k++)
            group_wake(group, track->slots.items[k]->due_ms);
    }
}

void group_fire(struct group *group, const struct group_limits *limits, struct life *life)
{
    life->event_id = (struct text){0};
    for (size_t i = 0; i < group->track_count; i++)
        fire_track(group->tracks[i], limits, life);
    group_find_due(group);
}

static int by_alert_id(const void *a, const void *b)
{
    const struct group_receipt *x = a, *y = b;

    return text_compare(x->alert_id, y->alert_id);
}

/* Of one alert there may be two, of an older revision and a newer. */
static void confirm_slot(struct slot *slot, const struct group_receipt *receipts, size_t count,
                         struct life *life)
{
    const struct group_receipt wanted = {.alert_id = slot_alert_id(slot, life->arena)};
    const struct group_receipt *end = receipts + count,
                               *found =
                                   bsearch(&wanted, receipts, count, sizeof(*found), by_alert_id);

    while (found && found > receipts && by_alert_id(found - 1, &wanted) == 0)
        found--;
    for (; found && found < end && by_alert_id(found, &wanted) == 0; found++)
        life_confirm(life, slot, found->revision);
}

void group_confirm(struct group *group, const struct group_receipt *receipts, size_t count,
                   struct life *life)
{
    for (size_t i = 0; i < group->track_count && count > 0; i++) {
        const struct slots *slots = &group->tracks[i]->slots;

        for (size_t k = 0; k < slots->count; k++) {
            if (slots->items[k]->is_unconfirmed)
                confirm_slot(slots->items[k], receipts, count, life);
        }
    }
}

void group_finish(struct group *group, struct life *life)
{
    life->event_id = (struct text){0};
    for (size_t i = 0; i < group->track_count; i++) {
        struct track *track = group->tracks[i];

        track_settle(track, life);
        for (size_t k = 0; k < track->slots.count; k++)
            life_end(life, track->slots.items[k]);
    }
}

bool group_has_other_type(const struct group *group, const struct plan *plan, int64_t at_ms)
{
    return attack_types_other_within(&group->types, plan_type(plan), at_ms - group->types_window_ms,
                                     at_ms + group->types_window_ms);
}
