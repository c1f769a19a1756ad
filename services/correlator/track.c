#include "correlator/track.h"

#include <stdlib.h>

#include "correlator/group.h"
#include "correlator/window_number.h"

enum { ASK_AGAIN = 8 }; /* times in max_lateness, whether all is read */

static enum series_kind kind_of(const struct correlation *rule)
{
    if (rule && rule->type == CORRELATION_EVENT_COUNT)
        return SERIES_EVENTS;
    return rule && rule->type == CORRELATION_VALUE_COUNT ? SERIES_VALUES : SERIES_PLAIN;
}

static bool is_temporal(const struct plan *plan)
{
    return plan->rule && (plan->rule->type == CORRELATION_TEMPORAL ||
                          plan->rule->type == CORRELATION_TEMPORAL_ORDERED);
}

struct track *track_new(struct plan *plan, struct group *group)
{
    struct track *track = mem_zero(sizeof(*track));

    track->due_ms = GROUP_NEVER;
    track->plan = plan;
    track->group = group;
    track->newest_ms = track->judged_ms = track->gone_ms = INT64_MIN;
    series_init(&track->series, kind_of(plan->rule), plan->timespan_ms);
    if (is_temporal(plan))
        chain_init(&track->chain, plan->rule->selection_count,
                   plan->rule->type == CORRELATION_TEMPORAL_ORDERED);
    if (plan->nested_count > 0)
        track->nested = mem_zero(plan->nested_count * sizeof(*track->nested));
    for (size_t i = 0; i < plan->nested_count; i++) {
        const struct correlation *count = plan->nested[i].count;

        series_init(&track->nested[i], kind_of(count), count->timespan_ms);
    }
    return track;
}

void track_free(struct track *track)
{
    series_done(&track->series);
    for (size_t i = 0; i < track->plan->nested_count; i++)
        series_done(&track->nested[i]);
    free(track->nested);
    chain_done(&track->chain);
    slots_done(&track->slots);
    free(track);
}

/* The times at which the rule was found to hold, gathered slot by slot. */
struct holds {
    struct track *track;
    struct life *life;
    struct slots_change *change;
    bool any;
    int64_t start_ms, first_ms, last_ms;
};

static void holds_flush(struct holds *holds)
{
    if (holds->any)
        slots_hold(holds->track, holds->first_ms, holds->last_ms, holds->change, holds->life);
    holds->any = false;
}

static void holds_note(struct holds *holds, int64_t at_ms)
{
    int64_t slot_ms = holds->track->plan->slot_ms;
    int64_t start_ms = slot_ms ? slots_start(at_ms, slot_ms) : at_ms;

    if (holds->any && holds->start_ms != start_ms)
        holds_flush(holds);
    if (!holds->any)
        holds->first_ms = at_ms;
    holds->any = true;
    holds->start_ms = start_ms;
    holds->last_ms = at_ms;
}

/* A walk over the members of a temporal rule, moment by moment. */
struct walk {
    struct track *track;
    size_t at;                                 /* the next member */
    size_t nested[CORRELATION_MAX_SELECTIONS]; /* the same in each nested count */
};

static struct walk walk_from(struct track *track, int64_t from_ms)
{
    struct walk walk = {.track = track, .at = series_before(&track->series, from_ms)};

    for (size_t i = 0; i < track->plan->nested_count; i++)
        walk.nested[i] = series_before(&track->nested[i], from_ms);
    return walk;
}

/* Whether the nested count is seen at @at_ms, a time not before those asked for so far: it has a
 * member then, and holds. */
static bool nested_holds(struct walk *walk, size_t i, int64_t at_ms)
{
    const struct series *series = &walk->track->nested[i];
    size_t *at = &walk->nested[i];

    while (*at < series->count && series_at(series, *at)->at_ms < at_ms)
        (*at)++;
    return *at < series->count && series_at(series, *at)->at_ms == at_ms &&
           correlation_bounds_hold(walk->track->plan->nested[i].count,
                                   series_at(series, *at)->held);
}

/* Leads the chain on by one moment, not beyond @to_ms. False: there is none. */
static bool walk_step(struct walk *walk, int64_t to_ms, int64_t *at_ms)
{
    struct track *track = walk->track;
    const struct series *series = &track->series;
    uint32_t selections = 0;

    if (walk->at == series->count || series_at(series, walk->at)->at_ms > to_ms)
        return false;
    *at_ms = series_at(series, walk->at)->at_ms;
    for (; walk->at < series->count && series_at(series, walk->at)->at_ms == *at_ms; walk->at++)
        selections |= series_at(series, walk->at)->selections;
    for (size_t i = 0; i < track->plan->nested_count; i++) {
        if (nested_holds(walk, i, *at_ms))
            selections |= UINT32_C(1) << track->plan->nested[i].bit;
    }
    chain_step(&track->chain, *at_ms, selections);
    return true;
}

/* The first time from @from_ms on at which the rule is not known to hold, or one behind @to_ms. */
static int64_t first_unknown(const struct track *track, int64_t from_ms, int64_t to_ms)
{
    int64_t known_ms;

    while (from_ms <= to_ms && (known_ms = slots_known_until(track, from_ms)) >= from_ms)
        from_ms = known_ms + 1;
    return from_ms;
}

/* A chain only walks forward: for an event out of order it starts anew, at the first moment that
 * can matter, and is led back to the newest member, so that one in order costs a step. Temporal
 * rules grow: what they want is "at least". */
static void judge_chain(struct holds *holds, int64_t event_ms, int64_t to_ms)
{
    struct track *track = holds->track;
    const struct correlation *rule = track->plan->rule;
    /* One that has not walked yet may have the members of a state that was read. */
    bool is_behind = track->chain.at_ms > event_ms || track->chain.at_ms == INT64_MIN;
    int64_t from_ms = first_unknown(track, event_ms, to_ms), at_ms;

    if (is_behind)
        chain_restart(&track->chain);
    if (is_behind && (from_ms > to_ms || from_ms > track->newest_ms))
        return; /* it is left at nothing */
    struct walk walk = walk_from(track, is_behind ? from_ms - rule->timespan_ms : event_ms);

    while (walk_step(&walk, to_ms, &at_ms)) {
        if (at_ms >= from_ms &&
            correlation_bounds_hold(rule, chain_length(&track->chain, at_ms - rule->timespan_ms)))
            holds_note(holds, at_ms);
    }
    if (!is_behind || to_ms >= track->newest_ms)
        return;
    if (to_ms < track->newest_ms - rule->timespan_ms) {
        chain_restart(&track->chain);
        walk = walk_from(track, track->newest_ms - rule->timespan_ms);
    }
    while (walk_step(&walk, INT64_MAX, &at_ms))
        continue;
}

static bool window_holds(const struct track *track, size_t i)
{
    const struct correlation *rule = track->plan->rule;
    const struct member *member = series_at(&track->series, i);

    if (!rule)
        return true;
    if (track->series.kind != SERIES_PLAIN)
        return correlation_bounds_hold(rule, member->held);
    return window_number_holds(rule, &track->series, member->at_ms);
}

/* The rule is judged at the times of its members within [from_ms, to_ms]. */
static void judge(struct track *track, int64_t from_ms, int64_t to_ms, struct slots_change *change,
                  struct life *life)
{
    const struct series *series = &track->series;
    struct holds holds = {.track = track, .life = life, .change = change};

    if (is_temporal(track->plan)) {
        judge_chain(&holds, from_ms, to_ms);
        holds_flush(&holds);
        return;
    }
    for (size_t i = series_before(series, from_ms);
         i < series->count && series_at(series, i)->at_ms <= to_ms;) {
        int64_t at_ms = series_at(series, i)->at_ms;
        int64_t known_ms = slots_known_until(track, at_ms);

        if (known_ms >= at_ms) {
            i = series_before(series, known_ms + 1);
            continue;
        }
        if (window_holds(track, i))
            holds_note(&holds, at_ms);
        /* Members of one time see the same window. */
        while (i < series->count && series_at(series, i)->at_ms == at_ms)
            i++;
    }
    holds_flush(&holds);
}

/* A rule that waits is judged where no event can come any more. */
static void judge_waiting(struct track *track, int64_t to_ms, struct slots_change *change,
                          struct life *life)
{
    if (to_ms <= track->judged_ms)
        return;
    int64_t from_ms = track->judged_ms == INT64_MIN ? INT64_MIN : track->judged_ms + 1;

    judge(track, from_ms, to_ms, change, life);
    track->judged_ms = to_ms;
}

static void gone(void *self, const struct member *member)
{
    slots_forget(self, member);
}

static void gone_unseen(void *self, const struct member *member)
{
    (void)self;
    (void)member;
}

static void drop_old(struct track *track, int64_t keep_ms, series_gone *seen)
{
    int64_t from_ms = track->newest_ms - keep_ms;

    series_drop_before(&track->series, from_ms, seen, track);
    for (size_t i = 0; i < track->plan->nested_count; i++)
        series_drop_before(&track->nested[i], from_ms, gone_unseen, NULL);
}

static void make_room(struct track *track, size_t keep, series_gone *seen)
{
    int64_t gone_ms = series_crowd(&track->series, keep, seen, track);

    if (gone_ms > track->gone_ms)
        track->gone_ms = gone_ms;
    for (size_t i = 0; i < track->plan->nested_count; i++)
        series_drop_before(&track->nested[i], track->gone_ms + 1, gone_unseen, NULL);
    track->is_crowded = true;
}

/* What is too old goes, and what is too much: a sixteenth at once, as that takes a walk. */
static void trim(struct track *track, size_t limit)
{
    drop_old(track, track->plan->keep_ms, gone);
    if (track->gone_ms < track->newest_ms - track->plan->late_ms - track->plan->reach_ms)
        track->is_crowded = false;
    size_t count = track->series.count;

    if (count <= limit)
        return;
    make_room(track, limit - limit / 16, gone);
    track->dropped = count - track->series.count;
}

bool track_halve(struct track *track)
{
    if (track->series.count < 2)
        return false;
    make_room(track, track->series.count / 2, gone);
    return true;
}

static bool is_late(const struct track *track, int64_t at_ms)
{
    return track->newest_ms != INT64_MIN &&
           (at_ms < track->newest_ms - track->plan->late_ms || at_ms <= track->gone_ms);
}

static void add(struct track *track, const struct offer *offer)
{
    struct member *member = series_add(&track->series, offer->event, offer->value);

    if (is_temporal(track->plan))
        member->selections = offer->selections;
    else if (track->series.kind == SERIES_PLAIN)
        member->number = offer->number;
    for (size_t i = 0; i < track->plan->nested_count; i++) {
        if (offer->nested & UINT32_C(1) << i)
            series_add(&track->nested[i], offer->event, offer->nested_values[i]);
    }
    if (member->at_ms > track->newest_ms)
        track->newest_ms = member->at_ms;
}

void track_replay(struct track *track, const struct offer *offer, int64_t keep_ms)
{
    add(track, offer);
    drop_old(track, keep_ms, gone_unseen);
}

void track_replay_room(struct track *track, size_t dropped)
{
    make_room(track, track->series.count - dropped, gone_unseen);
}

enum outcome track_offer(struct track *track, const struct offer *offer, size_t limit,
                         int64_t lateness_ms, struct life *life)
{
    struct sighting *event = offer->event;
    int64_t at_ms = event->event.event_time;
    struct slots_change change = {0};

    track->touched_ms = life->now_ms;
    track->is_unwritten = true;
    track->dropped = 0;
    if (series_has(&track->series, at_ms, event->event.event_id)) {
        life_repeat(life, track);
        return OUTCOME_REPEATED;
    }
    if (is_late(track, at_ms)) {
        if (life_repeat(life, track))
            return OUTCOME_REPEATED;
        if (!track->plan->rule)
            slots_open_late(track, event, life);
        return OUTCOME_LATE;
    }
    add(track, offer);
    change.counted = slots_count(track, event, life);
    if (track->plan->grows) {
        judge(track, at_ms, at_ms + track->plan->reach_ms, &change, life);
    } else {
        judge_waiting(track, track->newest_ms - lateness_ms - 1, &change, life);
        change = (struct slots_change){.counted = change.counted};
        /* One that is late by just max_lateness may still come. */
        track->due_ms = life->now_ms + lateness_ms + 1;
        group_wake(track->group, track->due_ms);
    }
    trim(track, limit);
    if (change.opened)
        return OUTCOME_OPENED;
    return change.counted ? OUTCOME_COUNTED : OUTCOME_WAITING;
}

void track_settle(struct track *track, struct life *life)
{
    struct slots_change change = {0};

    track->is_unwritten = true;
    track->due_ms = GROUP_NEVER;
    if (!track->plan->grows)
        judge_waiting(track, track->newest_ms, &change, life);
}

void track_settle_silent(struct track *track, int64_t lateness_ms, struct life *life)
{
    bool is_read = life->read_ms == INT64_MAX ||
                   (life->read_ms != INT64_MIN && life->read_ms - lateness_ms > track->newest_ms);

    if (is_read || track->plan->grows) {
        track_settle(track, life);
        return;
    }
    track->is_unwritten = true;
    track->due_ms = life->now_ms + lateness_ms / ASK_AGAIN + 1;
}
