#include "correlator/group_state.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/group_id.h"
#include "correlator/event_state.h"
#include "correlator/owned.h"
#include "correlator/state_words.h"
#include "correlator/track_state.h"

enum { FORM_PLAIN = 1, FORM_ZSTD = 2 };
/* How a rule is named. */
enum { RULE_SHAPE, RULE_TYPE };

enum {
    WORTH_COMPRESSING = 60, /* bytes; below, what it saves is not worth its time */
    ZSTD_LEVEL = 3,
    MAX_STATE = 64 * 1024 * 1024, /* of 20,000 events of the longest kind */
    ZSTD_MAGIC_SIZE = 4,          /* is the same in all frames, and left out */
    ARENA_BLOCK = 64 * 1024,
    ARENA_KEPT = 1024 * 1024,
    AN_EVENT = 200, /* of memory, beside its struct and payload: the short texts */
};

struct sightings {
    struct sighting **items; /* owned; the sightings are not */
    size_t count, capacity;
};

struct group_codec {
    struct router *router;
    struct group_keeping keeping;
    unsigned shown; /* enum event_state_shown */
    struct arena *arena;
    struct buf plain, body, frame;
    struct payload_state payloads;
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
    ZSTD_CDict *words_in;
    ZSTD_DDict *words_out;
    uint64_t mark;            /* of the events of the state being written */
    struct sightings events;  /* each once, in order */
    struct sightings of_rule; /* that one rule names */
};

/* Which fields titles and descriptions have in braces. */
static unsigned find_shown(const struct router *router)
{
    static const struct {
        const char *field;
        unsigned shown;
    } fields[] = {{"{fingerprint}", EVENT_STATE_FINGERPRINT},
                  {"{rule_title}", EVENT_STATE_TITLE},
                  {"{user_agent}", EVENT_STATE_AGENT},
                  {"{fields.", EVENT_STATE_FIELDS}};
    unsigned shown = 0;

    for (size_t i = 0; i < router_plans(router); i++) {
        const struct correlation *rule = router_plan(router, i)->rule;

        for (size_t k = 0; rule && k < COUNT_OF(fields); k++) {
            struct text field = text_of(fields[k].field);

            if (text_find(rule->title, field) < rule->title.size ||
                text_find(rule->description, field) < rule->description.size)
                shown |= fields[k].shown;
        }
    }
    return shown;
}

struct group_codec *group_codec_new(struct router *router, const struct group_keeping *keeping)
{
    struct group_codec *codec = mem_zero(sizeof(*codec));

    codec->router = router;
    codec->keeping = *keeping;
    codec->shown = find_shown(router);
    codec->arena = arena_new(ARENA_BLOCK);
    codec->compressor = ZSTD_createCCtx();
    codec->decompressor = ZSTD_createDCtx();
    codec->words_in = ZSTD_createCDict(state_words.bytes, state_words.size, ZSTD_LEVEL);
    codec->words_out = ZSTD_createDDict(state_words.bytes, state_words.size);
    ZSTD_CCtx_setParameter(codec->compressor, ZSTD_c_contentSizeFlag, 0);
    ZSTD_CCtx_refCDict(codec->compressor, codec->words_in);
    ZSTD_DCtx_refDDict(codec->decompressor, codec->words_out);
    return codec;
}

void group_codec_free(struct group_codec *codec)
{
    if (!codec)
        return;
    ZSTD_freeCCtx(codec->compressor);
    ZSTD_freeDCtx(codec->decompressor);
    ZSTD_freeCDict(codec->words_in);
    ZSTD_freeDDict(codec->words_out);
    arena_free(codec->arena);
    buf_done(&codec->plain);
    buf_done(&codec->body);
    buf_done(&codec->frame);
    payload_state_done(&codec->payloads);
    free(codec->events.items);
    free(codec->of_rule.items);
    free(codec);
}

/* Writing. */

static void add(struct sightings *list, struct sighting *event)
{
    list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(struct sighting *));
    list->items[list->count++] = event;
}

static void add_once(void *self, struct sighting *event)
{
    struct group_codec *codec = self;

    if (event->mark == codec->mark)
        return;
    event->mark = codec->mark;
    add(&codec->events, event);
}

static void add_of_rule(void *self, struct sighting *event)
{
    struct group_codec *codec = self;

    add(&codec->of_rule, event);
}

static int in_order(const void *a, const void *b)
{
    const struct sighting *const *x = a, *const *y = b;

    return sighting_compare(*x, (*y)->event.event_time, (*y)->event.event_id);
}

static bool is_sorted(const struct sightings *list)
{
    for (size_t i = 1; i < list->count; i++) {
        if (in_order(&list->items[i - 1], &list->items[i]) > 0)
            return false;
    }
    return true;
}

static void collect_events(struct group_codec *codec, const struct group *group)
{
    struct sightings *events = &codec->events;

    codec->mark++;
    events->count = 0;
    for (size_t i = 0; i < group->track_count; i++)
        track_state_events(group->tracks[i], add_once, codec);
    for (size_t i = 0; i < group->stranger_count; i++) {
        for (size_t k = 0; k < group->strangers[i].count; k++)
            add_once(codec, group->strangers[i].events[k]);
    }
    if (!is_sorted(events))
        qsort(events->items, events->count, sizeof(struct sighting *), in_order);
    for (size_t i = 0; i < events->count; i++)
        events->items[i]->place = i;
}

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

static void write_events(struct group_codec *codec, struct pack *pack)
{
    const struct event *before = NULL;

    payload_state_begin(&codec->payloads);
    pack_number(pack, codec->events.count);
    for (size_t i = 0; i < codec->events.count; i++) {
        const struct event *event = &codec->events.items[i]->event;

        event_state_write(pack, &codec->payloads, event, before, codec->shown);
        before = event;
    }
}

/* Places, mostly one behind the other: as runs of how far to jump, and how many follow. */
static void write_places(struct sighting *const *events, size_t count, struct pack *pack)
{
    size_t next = 0;

    pack_number(pack, count);
    for (size_t i = 0, run; i < count; i += run) {
        size_t first = events[i]->place;

        for (run = 1; i + run < count && events[i + run]->place == first + run; run++)
            continue;
        pack_signed(pack, (int64_t)first - (int64_t)next);
        pack_number(pack, run);
        next = first + run;
    }
}

static void write_rule(const struct plan *plan, struct pack *pack)
{
    pack_byte(pack, plan->rule ? RULE_SHAPE : RULE_TYPE);
    if (!plan->rule) {
        pack_number(pack, (uint64_t)plan->slot_ms);
        pack_once(pack, plan_type(plan));
        return;
    }
    for (int i = 0; i < 64; i += 8)
        pack_byte(pack, (uint8_t)(plan->shape >> i));
}

static void write_track(struct group_codec *codec, const struct track *track, struct pack *pack)
{
    struct pack body = {.into = &codec->body};
    AUTO_BUF name = {0};
    struct pack rule = {.into = &name};

    write_rule(track->plan, &rule);
    pack_bytes(pack, buf_text(&name));
    pack_time(pack, track->expires_ms);
    codec->of_rule.count = 0;
    track_state_events(track, add_of_rule, codec);
    write_places(codec->of_rule.items, codec->of_rule.count, pack);
    buf_reset(&codec->body);
    track_state_write(track, &body);
    pack_bytes(pack, buf_text(&codec->body));
}

static void write_stranger(const struct group_stranger *stranger, struct pack *pack)
{
    pack_bytes(pack, stranger->rule);
    pack_time(pack, stranger->expires_ms);
    write_places(stranger->events, stranger->count, pack);
    pack_bytes(pack, stranger->body);
}

static void compress(struct group_codec *codec, struct buf *into)
{
    struct text plain = buf_text(&codec->plain);
    size_t room = ZSTD_compressBound(plain.size), size;
    struct pack head = {.into = into};

    buf_reset(&codec->frame);
    size = plain.size < WORTH_COMPRESSING
               ? plain.size
               : ZSTD_compress2(codec->compressor, buf_reserve(&codec->frame, room), room,
                                plain.bytes, plain.size);
    if (ZSTD_isError(size) || size >= plain.size) {
        pack_byte(&head, FORM_PLAIN);
        buf_add(into, plain);
        return;
    }
    pack_byte(&head, FORM_ZSTD);
    pack_number(&head, plain.size);
    buf_add(into, (struct text){codec->frame.bytes + ZSTD_MAGIC_SIZE, size - ZSTD_MAGIC_SIZE});
}

static size_t memory_of(const struct group_codec *codec, const struct group *group)
{
    size_t bytes = sizeof(*group) + 2 * group->key.size;

    for (size_t i = 0; i < codec->events.count; i++)
        bytes += sizeof(struct sighting) + AN_EVENT + codec->events.items[i]->event.payload.size;
    for (size_t i = 0; i < group->track_count; i++)
        bytes += sizeof(struct track) + group->tracks[i]->series.capacity * sizeof(struct member) +
                 group->tracks[i]->slots.count * sizeof(struct slot);
    for (size_t i = 0; i < group->stranger_count; i++)
        bytes += sizeof(struct group_stranger) + group->strangers[i].body.size;
    return bytes;
}

struct group_state_facts group_codec_write(struct group_codec *codec, struct group *group,
                                           int64_t now_ms, struct buf *into)
{
    struct pack pack = {.into = &codec->plain};
    struct group_state_facts facts = {.expires_ms = group_retire(group, &codec->keeping, now_ms)};

    buf_reset(&codec->plain);
    collect_events(codec, group);
    write_head(group, &pack);
    write_events(codec, &pack);
    pack_number(&pack, group->track_count + group->stranger_count);
    for (size_t i = 0; i < group->track_count; i++)
        write_track(codec, group->tracks[i], &pack);
    for (size_t i = 0; i < group->stranger_count; i++)
        write_stranger(&group->strangers[i], &pack);
    compress(codec, into);
    facts.memory = memory_of(codec, group);
    return facts;
}

/* Reading. */

struct reading_group {
    struct group_codec *codec;
    struct unpack unpack;
    struct group *group;
    struct sighting **events; /* one user each */
    size_t count;
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

static void read_events(struct reading_group *reading)
{
    struct unpack *unpack = &reading->unpack;
    size_t count = pack_read_count(unpack);
    struct event event, before;

    payload_state_begin(&reading->codec->payloads);
    reading->events = arena_take(reading->codec->arena, count * sizeof(struct sighting *));
    for (size_t i = 0; i < count && !unpack->is_broken; i++) {
        event_state_read(unpack, &reading->codec->payloads, i ? &before : NULL,
                         reading->group->tenant, &event, reading->codec->arena);
        reading->events[reading->count++] = sighting_new(&event);
        before = event;
    }
}

/* The events that a rule names, in the codec's of_rule. */
static void read_places(struct reading_group *reading)
{
    struct unpack *unpack = &reading->unpack;
    struct sightings *of_rule = &reading->codec->of_rule;
    size_t count = (size_t)pack_read_limited(unpack, MAX_STATE), next = 0;

    of_rule->count = 0;
    while (of_rule->count < count && !unpack->is_broken) {
        uint64_t first = (uint64_t)next + (uint64_t)pack_read_signed(unpack);
        uint64_t run = pack_read_limited(unpack, count - of_rule->count);

        if (run == 0 || first >= reading->count || run > reading->count - first) {
            unpack->is_broken = true;
            return;
        }
        for (size_t i = 0; i < run; i++)
            add(of_rule, reading->events[first + i]);
        next = (size_t)(first + run);
    }
}

/* NULL: this correlator has no such rule. */
static struct plan *plan_named(struct group_codec *codec, struct text rule)
{
    struct unpack unpack = {.rest = rule, .copies = codec->arena};
    struct plan *plan;
    uint64_t shape = 0, slot_ms;
    uint8_t kind = pack_read_byte(&unpack);

    if (kind == RULE_SHAPE) {
        for (int i = 0; i < 64; i += 8)
            shape |= (uint64_t)pack_read_byte(&unpack) << i;
        return unpack.is_broken ? NULL : router_shape(codec->router, shape);
    }
    if (kind != RULE_TYPE)
        return NULL;
    slot_ms = pack_read_number(&unpack);
    struct text type = pack_read_once(&unpack);

    if (unpack.is_broken)
        return NULL;
    plan = router_single(codec->router, type);
    return (uint64_t)plan->slot_ms == slot_ms ? plan : NULL;
}

static void keep_stranger(struct group *group, struct text rule, struct text body,
                          int64_t expires_ms, const struct sightings *events)
{
    struct group_stranger stranger = {owned_copy(rule), owned_copy(body), NULL, events->count,
                                      expires_ms};

    stranger.events = mem_zero((events->count + 1) * sizeof(struct sighting *));
    for (size_t i = 0; i < events->count; i++)
        stranger.events[i] = sighting_share(events->items[i]);
    group->strangers = mem_grow(group->strangers, group->stranger_count, &group->stranger_capacity,
                                sizeof(*group->strangers));
    group->strangers[group->stranger_count++] = stranger;
}

static void read_rule(struct reading_group *reading)
{
    struct group_codec *codec = reading->codec;
    struct unpack *unpack = &reading->unpack;
    struct text rule = pack_read_bytes(unpack);
    int64_t expires_ms = pack_read_time(unpack);

    read_places(reading);
    struct text body = pack_read_bytes(unpack);

    if (unpack->is_broken)
        return;
    struct plan *plan = plan_named(codec, rule);

    if (!plan) {
        keep_stranger(reading->group, rule, body, expires_ms, &codec->of_rule);
        return;
    }
    size_t tracks = reading->group->track_count;
    struct track *track = group_track(reading->group, plan);
    struct unpack inner = {.rest = body, .copies = codec->arena};

    track->expires_ms = expires_ms;
    if (reading->group->track_count == tracks)
        unpack->is_broken = true; /* the rule comes twice */
    else
        track_state_read(track, codec->of_rule.items, codec->of_rule.count, &inner);
    unpack->is_broken |= inner.is_broken;
}

/* Undoes the form. False: it is none. */
static bool read_form(struct group_codec *codec, struct text state, struct text *plain)
{
    static const char magic[ZSTD_MAGIC_SIZE] = {0x28, (char)0xb5, 0x2f, (char)0xfd};
    struct unpack unpack = {.rest = state};
    uint8_t form = pack_read_byte(&unpack);
    size_t size;

    if (form == FORM_PLAIN)
        *plain = unpack.rest;
    if (form != FORM_ZSTD)
        return form == FORM_PLAIN;
    size = (size_t)pack_read_limited(&unpack, MAX_STATE);
    if (unpack.is_broken)
        return false;
    buf_reset(&codec->frame);
    buf_add(&codec->frame, (struct text){magic, sizeof(magic)});
    buf_add(&codec->frame, unpack.rest);
    buf_reset(&codec->plain);
    codec->plain.size =
        ZSTD_decompressDCtx(codec->decompressor, buf_reserve(&codec->plain, size + 1), size,
                            codec->frame.bytes, codec->frame.size);
    *plain = buf_text(&codec->plain);
    return codec->plain.size == size;
}

static void read_group(struct reading_group *reading, int64_t types_window_ms)
{
    struct unpack *unpack = &reading->unpack;
    size_t rules;

    reading->group = read_names(unpack, types_window_ms);
    if (!reading->group)
        return;
    read_types(unpack, &reading->group->types);
    read_events(reading);
    rules = pack_read_count(unpack);
    for (size_t i = 0; i < rules && !unpack->is_broken; i++)
        read_rule(reading);
    unpack->is_broken |= unpack->rest.size > 0;
    for (size_t i = 0; i < reading->count; i++)
        sighting_leave(reading->events[i]);
}

struct group *group_codec_read(struct group_codec *codec, struct text state,
                               int64_t types_window_ms, struct error *err)
{
    struct reading_group reading = {.codec = codec};
    struct text plain = {0};

    arena_reset(codec->arena, ARENA_KEPT);
    if (!read_form(codec, state, &plain)) {
        error_set_class(err, ERROR_POISON, -EBADMSG, "%zu bytes that are no state of a group",
                        state.size);
        return NULL;
    }
    reading.unpack = (struct unpack){.rest = plain, .copies = codec->arena};
    read_group(&reading, types_window_ms);
    if (reading.unpack.is_broken) {
        error_set_class(err, ERROR_POISON, -EBADMSG,
                        "a state of %zu bytes that ends before its time or says what cannot be",
                        state.size);
        group_free(reading.group);
        return NULL;
    }
    group_find_due(reading.group);
    return reading.group;
}
