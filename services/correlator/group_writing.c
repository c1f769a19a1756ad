#include "correlator/group_parts.h"
#include "correlator/state_rule.h"
#include "correlator/track_addition.h"
#include "correlator/track_state.h"

/* Bytes of memory, beside its struct. */
enum {
    AN_EVENT = 200, /* and payload: the short texts */
    AN_ID = 48,
};

static void write_head(const struct group *group, struct pack *pack)
{
    const struct attack_types *types = &group->types;

    pack_text(pack, group->tenant);
    pack_number(pack, group->count);
    for (size_t i = 0; i < group->count; i++)
        pack_text(pack, group->names[i]);
    for (size_t i = 0; i < group->count; i++)
        pack_text(pack, group->values[i]);
    pack_number(pack, types->count);
    if (types->count > 0)
        pack_time(pack, types->newest_ms);
    for (size_t i = 0; i < types->count; i++) {
        const struct times *times = &types->items[i].times;

        pack_text(pack, types->items[i].type);
        pack_number(pack, times->count);
        for (size_t k = 0; k < times->count; k++)
            pack_time(pack, times_at(times, k));
    }
}

static void add_to_list(void *self, struct sighting *event)
{
    state_list_add(self, event);
}

static void add_named(void *self, struct sighting *event)
{
    struct group_codec *codec = self;

    state_list_append(&codec->named, event);
}

/* What a rule's record begins with; the events that it names are in the codec's named. */
static void write_record(struct group_codec *codec, struct text name, bool is_addition,
                         int64_t expires_ms, const struct sightings *named, struct text body)
{
    struct pack *pack = &codec->pack;

    pack_number(pack, (uint64_t)name.size << 1 | is_addition);
    buf_add(pack->into, name);
    pack_second(pack, expires_ms);
    state_list_write_places(named, pack);
    pack_bytes(pack, body);
}

static void write_track(struct group_codec *codec, const struct track *track,
                        const struct track_taken *taken)
{
    struct pack body = {.into = &codec->body};

    codec->named.count = 0;
    buf_reset(&codec->body);
    buf_reset(&codec->name);
    state_rule_write(track->plan, &codec->name);
    if (taken) {
        track_addition_events(track, taken, add_named, codec);
        body.last_ms = state_list_last_ms(&codec->named);
        track_addition_write(track, taken, &body);
    } else {
        track_state_events(track, add_named, codec);
        body.last_ms = state_list_last_ms(&codec->named);
        track_state_write(track, &body);
    }
    write_record(codec, buf_text(&codec->name), taken, track->expires_ms, &codec->named,
                 buf_text(&codec->body));
}

static void write_stranger(struct group_codec *codec, const struct group_stranger *stranger)
{
    const struct sightings named = {stranger->events, stranger->count, 0};

    write_record(codec, stranger->rule, stranger->is_addition, stranger->expires_ms, &named,
                 stranger->body);
}

/* An event is in two groups or more, which share it. */
static size_t memory_of_events(const struct sightings *events)
{
    size_t bytes = events->count * (sizeof(struct sighting) + AN_EVENT);

    for (size_t i = 0; i < events->count; i++)
        bytes += events->items[i]->event.payload.size;
    return bytes / 2;
}

static size_t memory_of_slots(const struct slots *slots)
{
    size_t bytes = slots->count * sizeof(struct slot);

    for (size_t i = 0; i < slots->count; i++)
        bytes += (slots->items[i]->gist.id_count + slots->items[i]->after.id_count) *
                 (sizeof(struct gist_id) + AN_ID);
    return bytes;
}

static size_t memory_of(const struct group_codec *codec, const struct group *group)
{
    size_t bytes = sizeof(*group) + 2 * group->key.size + memory_of_events(&codec->list.events);

    for (size_t i = 0; i < group->track_count; i++)
        bytes += sizeof(struct track) + group->tracks[i]->series.capacity * sizeof(struct member) +
                 memory_of_slots(&group->tracks[i]->slots);
    for (size_t i = 0; i < group->stranger_count; i++)
        bytes += sizeof(struct group_stranger) + group->strangers[i].body.size;
    return bytes;
}

static void begin_part(struct group_codec *codec)
{
    buf_reset(&codec->plain);
    buf_reset(&codec->random);
    codec->pack = (struct pack){.into = &codec->plain, .random = &codec->random};
    state_list_begin(&codec->list);
}

static bool is_huge(const struct group_codec *codec)
{
    return codec->plain.size + codec->random.size > STATE_FORM_MAX;
}

/* Returns its size. */
static size_t end_part(struct group_codec *codec, struct group *group, struct buf *into)
{
    size_t before = into->size;

    state_form_write(codec->form, buf_text(&codec->random), buf_text(&codec->plain), into);
    group->is_cut = false;
    for (size_t i = 0; i < group->track_count; i++)
        track_addition_done(group->tracks[i]);
    return into->size - before;
}

struct group_state_facts group_codec_write(struct group_codec *codec, struct group *group,
                                           int64_t now_ms, struct buf *into)
{
    struct group_state_facts facts = {.expires_ms = group_retire(group, &codec->keeping, now_ms)};
    struct pack *pack = &codec->pack;

    begin_part(codec);
    for (size_t i = 0; i < group->track_count; i++)
        track_state_events(group->tracks[i], add_to_list, &codec->list);
    for (size_t i = 0; i < group->stranger_count; i++) {
        for (size_t k = 0; k < group->strangers[i].count; k++)
            state_list_add(&codec->list, group->strangers[i].events[k]);
    }
    write_head(group, pack);
    state_list_write(&codec->list, pack);
    pack_number(pack, group->track_count + group->stranger_count);
    for (size_t i = 0; i < group->track_count; i++)
        write_track(codec, group->tracks[i], NULL);
    for (size_t i = 0; i < group->stranger_count; i++)
        write_stranger(codec, &group->strangers[i]);
    group->whole_size = end_part(codec, group, into);
    group->added_size = 0;
    facts.is_huge = is_huge(codec);
    group->memory = facts.memory = memory_of(codec, group);
    return facts;
}

/* Adding. */

/* The types of attack that were noted. */
static void write_notes(const struct group *group, const struct track_taken *taken,
                        struct pack *pack)
{
    size_t count = 0;

    for (size_t i = 0; i < taken->count; i++)
        count += !taken->items[i].share->plan;
    pack_number(pack, count);
    if (count == 0)
        return;
    pack_number(pack, (uint64_t)group->types.keep_ms);
    pack_number(pack, group->types.limit);
    for (size_t i = 0; i < taken->count; i++) {
        const struct share *share = taken->items[i].share;

        if (share->plan)
            continue;
        pack_text(pack, share->type);
        pack_time(pack, share->at_ms);
    }
}

static size_t list_additions(struct group_codec *codec, const struct group *group,
                             const struct track_taken *taken)
{
    size_t count = 0;

    for (size_t i = 0; i < group->track_count; i++) {
        if (!track_addition_is_needed(group->tracks[i]))
            continue;
        track_addition_events(group->tracks[i], taken, add_to_list, &codec->list);
        count++;
    }
    return count;
}

/* The state is so large that adding to it is worth while, and what was added is not more. */
static bool may_add(const struct group_codec *codec, const struct group *group)
{
    return group->whole_size > 0 && group->whole_size >= codec->keeping.add_from &&
           group->added_size <= group->whole_size && !group->is_cut;
}

bool group_codec_add(struct group_codec *codec, struct group *group,
                     const struct group_taken *items, size_t count, int64_t now_ms,
                     struct buf *into, struct group_state_facts *facts)
{
    const struct track_taken taken = {items, count};
    struct pack *pack = &codec->pack;

    if (!may_add(codec, group))
        return false;
    facts->expires_ms = group_retire(group, &codec->keeping, now_ms);
    if (group->is_cut)
        return false;
    begin_part(codec);
    size_t records = list_additions(codec, group, &taken);

    write_notes(group, &taken, pack);
    state_list_write(&codec->list, pack);
    pack_number(pack, records);
    for (size_t i = 0; i < group->track_count; i++) {
        if (track_addition_is_needed(group->tracks[i]))
            write_track(codec, group->tracks[i], &taken);
    }
    group->added_size += end_part(codec, group, into);
    facts->is_huge = is_huge(codec);
    facts->memory = group->memory += memory_of_events(&codec->list.events);
    return true;
}
