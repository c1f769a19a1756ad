#include "correlator/track_addition.h"

#include "correlator/track_state.h"

bool track_addition_is_needed(const struct track *track)
{
    for (size_t i = 0; i < track->slots.count; i++) {
        if (track->slots.items[i]->is_unwritten)
            return true;
    }
    return track->is_unwritten;
}

void track_addition_done(struct track *track)
{
    track->is_unwritten = false;
    for (size_t i = 0; i < track->slots.count; i++) {
        struct slot *slot = track->slots.items[i];

        slot->is_unwritten = slot->gist.has_new_ids = slot->after.has_new_ids = false;
    }
}

/* It became a member. */
static bool is_member(const struct track *track, const struct group_taken *taken)
{
    return taken->share->plan == track->plan && taken->result.outcome != OUTCOME_REPEATED &&
           taken->result.outcome != OUTCOME_LATE;
}

void track_addition_events(const struct track *track, const struct track_taken *taken,
                           state_event *take, void *self)
{
    for (size_t i = 0; i < taken->count; i++) {
        if (is_member(track, &taken->items[i]))
            take(self, taken->items[i].share->offer.event);
    }
    for (size_t i = 0; i < track->slots.count; i++) {
        if (track->slots.items[i]->is_unwritten)
            slot_state_events(track->slots.items[i], take, self);
    }
}

/* Writing. */

static bool counts_values(const struct plan *plan, size_t nested)
{
    return plan->nested[nested].count->type == CORRELATION_VALUE_COUNT;
}

static void write_offer(const struct track *track, const struct offer *offer, struct pack *pack)
{
    const struct plan *plan = track->plan;

    if (track->series.kind == SERIES_VALUES)
        track_state_write_value(offer->event, offer->value, pack);
    if (track_state_has_numbers(plan))
        pack_signed(pack, offer->number);
    if (track_state_has_selections(plan))
        pack_number(pack, offer->selections);
    if (plan->nested_count > 0)
        pack_number(pack, offer->nested);
    for (size_t i = 0; i < plan->nested_count; i++) {
        if ((offer->nested & UINT32_C(1) << i) && counts_values(plan, i))
            track_state_write_value(offer->event, offer->nested_values[i], pack);
    }
}

static void write_members(const struct track *track, const struct track_taken *taken,
                          struct pack *pack)
{
    size_t count = 0;

    for (size_t i = 0; i < taken->count; i++)
        count += is_member(track, &taken->items[i]);
    pack_number(pack, (uint64_t)track->plan->keep_ms);
    pack_number(pack, count);
    for (size_t i = 0; i < taken->count; i++) {
        if (!is_member(track, &taken->items[i]))
            continue;
        write_offer(track, &taken->items[i].share->offer, pack);
        pack_number(pack, taken->items[i].result.dropped);
    }
}

static void write_slots(const struct track *track, struct pack *pack)
{
    size_t count = 0;

    for (size_t i = 0; i < track->slots.count; i++)
        count += track->slots.items[i]->is_unwritten;
    pack_number(pack, count);
    for (size_t i = 0; i < track->slots.count; i++) {
        if (track->slots.items[i]->is_unwritten)
            slot_state_write(track->slots.items[i], true, pack);
    }
}

void track_addition_write(const struct track *track, const struct track_taken *taken,
                          struct pack *pack)
{
    write_members(track, taken, pack);
    track_state_write_head(track, pack);
    write_slots(track, pack);
}

/* Reading. */

static struct offer read_offer(const struct track *track, struct sighting *event,
                               struct text *nested_values, struct unpack *unpack)
{
    const struct plan *plan = track->plan;
    struct offer offer = {.event = event, .nested_values = nested_values};

    if (track->series.kind == SERIES_VALUES)
        offer.value = track_state_read_value(event, unpack);
    if (track_state_has_numbers(plan))
        offer.number = pack_read_signed(unpack);
    if (track_state_has_selections(plan))
        offer.selections = (uint32_t)pack_read_limited(unpack, UINT32_MAX);
    if (plan->nested_count > 0)
        offer.nested = (uint32_t)pack_read_limited(unpack, (UINT64_C(1) << plan->nested_count) - 1);
    for (size_t i = 0; i < plan->nested_count; i++) {
        if ((offer.nested & UINT32_C(1) << i) && counts_values(plan, i))
            nested_values[i] = track_state_read_value(event, unpack);
    }
    return offer;
}

static void read_member(struct track *track, struct state_events *events, int64_t keep_ms,
                        struct unpack *unpack)
{
    struct text nested_values[CORRELATION_MAX_SELECTIONS] = {{0}};
    struct sighting *event = slot_state_next_event(events, unpack);

    if (!event)
        return;
    const struct offer offer = read_offer(track, event, nested_values, unpack);

    if (series_has(&track->series, event->event.event_time, event->event.event_id)) {
        unpack->is_broken = true;
        return;
    }
    track_replay(track, &offer, keep_ms);
    size_t dropped = (size_t)pack_read_limited(unpack, track->series.count);

    if (dropped > 0)
        track_replay_room(track, dropped);
}

void track_addition_read(struct track *track, struct sighting *const *list, size_t size,
                         struct unpack *unpack)
{
    struct state_events events = {list, size};
    int64_t keep_ms = (int64_t)pack_read_limited(unpack, PACK_MAX_MS);
    size_t count = (size_t)pack_read_limited(unpack, size), slots;

    for (size_t i = 0; i < count && !unpack->is_broken; i++)
        read_member(track, &events, keep_ms, unpack);
    if (unpack->is_broken)
        return;
    track_state_read_head(track, unpack);
    slots = pack_read_count(unpack);
    for (size_t i = 0; i < slots && !unpack->is_broken; i++)
        slot_state_read(track, &events, true, unpack);
    if (events.count > 0 || unpack->rest.size > 0 || !track_state_is_newest(track))
        unpack->is_broken = true;
    track->is_unwritten = false;
}
