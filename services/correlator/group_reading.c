#include <errno.h>

#include "correlator/group_parts.h"
#include "correlator/owned.h"
#include "correlator/state_rule.h"
#include "correlator/track_addition.h"
#include "correlator/track_state.h"

enum { ARENA_KEPT = 1024 * 1024, MOST_TIMES = 1000000000 };

struct reading_group {
    struct group_codec *codec;
    struct unpack unpack; /* of the part at hand */
    struct text random;   /* of the same */
    struct group *group;
};

/* NULL: the bytes say no such thing. */
static struct group *read_names(struct unpack *unpack, int64_t types_window_ms)
{
    struct text names[CORRELATION_MAX_KEYS], values[CORRELATION_MAX_KEYS];
    struct text tenant = pack_read_text(unpack);
    size_t count = (size_t)pack_read_limited(unpack, CORRELATION_MAX_KEYS);
    AUTO_BUF key = {0};

    for (size_t i = 0; i < count; i++)
        names[i] = pack_read_text(unpack);
    for (size_t i = 0; i < count; i++)
        values[i] = pack_read_text(unpack);
    if (unpack->is_broken)
        return NULL;
    group_write_key(tenant, names, values, count, &key);
    return group_new(buf_text(&key), tenant, names, values, count, types_window_ms);
}

static void read_types(struct unpack *unpack, struct attack_types *types)
{
    size_t count = pack_read_count(unpack);

    if (count > 0)
        types->newest_ms = pack_read_time(unpack);
    for (size_t i = 0; i < count && !unpack->is_broken; i++) {
        struct text type = pack_read_text(unpack);
        size_t times = pack_read_count(unpack);

        for (size_t k = 0; k < times && !unpack->is_broken; k++)
            attack_types_restore(types, type, pack_read_time(unpack));
    }
}

static void read_notes(struct unpack *unpack, struct attack_types *types)
{
    size_t count = pack_read_count(unpack);

    if (count == 0)
        return;
    int64_t keep_ms = (int64_t)pack_read_limited(unpack, PACK_MAX_MS);
    size_t limit = (size_t)pack_read_limited(unpack, MOST_TIMES);

    for (size_t i = 0; i < count; i++) {
        struct text type = pack_read_text(unpack);
        int64_t at_ms = pack_read_time(unpack);

        if (unpack->is_broken)
            return;
        attack_types_add(types, type, at_ms, keep_ms, limit);
    }
}

/* All records of a rule that is not known here matter as long as the last. */
static void keep_stranger(struct reading_group *reading, struct text rule, struct text body,
                          int64_t expires_ms, bool is_addition)
{
    struct group *group = reading->group;
    const struct sightings *events = &reading->codec->named;
    struct group_stranger stranger = {owned_copy(rule), owned_copy(body), NULL,
                                      events->count,    expires_ms,       is_addition};

    for (size_t i = 0; i < group->stranger_count; i++) {
        if (text_equal(group->strangers[i].rule, rule))
            group->strangers[i].expires_ms = expires_ms;
    }
    stranger.events = mem_zero((events->count + 1) * sizeof(struct sighting *));
    for (size_t i = 0; i < events->count; i++)
        stranger.events[i] = sighting_share(events->items[i]);
    group->strangers = mem_grow(group->strangers, group->stranger_count, &group->stranger_capacity,
                                sizeof(*group->strangers));
    group->strangers[group->stranger_count++] = stranger;
}

static void fill_track(struct reading_group *reading, struct plan *plan, struct text body,
                       int64_t expires_ms, bool is_addition)
{
    const struct sightings *named = &reading->codec->named;
    size_t tracks = reading->group->track_count;
    struct track *track = group_track(reading->group, plan);
    struct unpack unpack = {
        .rest = body, .last_ms = state_list_last_ms(named), .copies = reading->codec->arena};

    track->expires_ms = expires_ms;
    if (is_addition)
        track_addition_read(track, named->items, named->count, &unpack);
    else if (reading->group->track_count == tracks)
        unpack.is_broken = true; /* the rule comes twice */
    else
        track_state_read(track, named->items, named->count, &unpack);
    reading->unpack.is_broken |= unpack.is_broken;
}

static void read_record(struct reading_group *reading)
{
    struct group_codec *codec = reading->codec;
    struct unpack *unpack = &reading->unpack;
    uint64_t head = pack_read_number(unpack);
    struct text name = pack_read_raw(unpack, head >> 1);
    int64_t expires_ms = pack_read_second(unpack);

    state_list_read_places(&codec->list, &codec->named, unpack);
    struct text body = pack_read_bytes(unpack);

    if (unpack->is_broken)
        return;
    struct plan *plan = state_rule_find(codec->router, name, codec->arena);

    if (plan)
        fill_track(reading, plan, body, expires_ms, head & 1);
    else
        keep_stranger(reading, name, body, expires_ms, head & 1);
}

static void read_events_and_records(struct reading_group *reading)
{
    struct unpack *unpack = &reading->unpack;
    size_t records;

    state_list_read(&reading->codec->list, reading->group->tenant, unpack);
    records = pack_read_count(unpack);
    for (size_t i = 0; i < records && !unpack->is_broken; i++)
        read_record(reading);
    unpack->is_broken |= unpack->rest.size > 0 || unpack->random->size > 0;
    state_list_leave(&reading->codec->list);
}

/* The next part of @rest. */
static void begin_part(struct reading_group *reading, struct text *rest)
{
    struct text plain = {0};
    bool is_part = state_form_read(reading->codec->form, rest, &reading->random, &plain);

    reading->unpack =
        (struct unpack){.rest = plain, .random = &reading->random, .copies = reading->codec->arena};
    reading->unpack.is_broken = !is_part;
}

static void read_whole(struct reading_group *reading, struct text *rest, int64_t types_window_ms)
{
    size_t before = rest->size;

    begin_part(reading, rest);
    if (reading->unpack.is_broken)
        return;
    reading->group = read_names(&reading->unpack, types_window_ms);
    if (!reading->group)
        return;
    read_types(&reading->unpack, &reading->group->types);
    read_events_and_records(reading);
    reading->group->whole_size = before - rest->size;
}

static void read_addition(struct reading_group *reading, struct text *rest)
{
    size_t before = rest->size;

    begin_part(reading, rest);
    if (reading->unpack.is_broken)
        return;
    read_notes(&reading->unpack, &reading->group->types);
    read_events_and_records(reading);
    reading->group->added_size += before - rest->size;
}

struct group *group_codec_read(struct group_codec *codec, struct text state,
                               int64_t types_window_ms, struct error *err)
{
    struct reading_group reading = {.codec = codec};
    struct text rest = state;

    arena_reset(codec->arena, ARENA_KEPT);
    read_whole(&reading, &rest, types_window_ms);
    while (rest.size > 0 && !reading.unpack.is_broken)
        read_addition(&reading, &rest);
    if (reading.unpack.is_broken) {
        error_set_class(err, ERROR_POISON, -EBADMSG,
                        "%zu bytes that are not the state of a group: they end before their time "
                        "or say what cannot be",
                        state.size);
        group_free(reading.group);
        return NULL;
    }
    for (size_t i = 0; i < reading.group->track_count; i++)
        track_addition_done(reading.group->tracks[i]);
    group_find_due(reading.group);
    return reading.group;
}
