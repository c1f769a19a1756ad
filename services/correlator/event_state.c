#include "correlator/event_state.h"

#include <stddef.h>

#include "base/arena.h"
#include "correlator/assort.h"

/* Bits of the number that says what differs from the event before: that of what does so mostly
 * takes a byte. Those of texts are in texts[]. */
enum {
    DIFFERS_PAYLOAD = 1,
    DIFFERS_CONFIDENCE = 64,
    DIFFERS_TIMESTAMP = 128, /* how far it is from event_time */
    DIFFERS_LEVEL = 256,
    DIFFERS_INDICATORS = 512,
    DIFFERS_TAGS = 1024,
    DIFFERS_FIELDS = 2048,
    DIFFERS_ALL = 65535,
};

static const struct {
    unsigned differs;
    size_t offset;
    unsigned shown; /* 0: always */
} texts[] = {
    {2, offsetof(struct event, user), 0},
    {16, offsetof(struct event, event_type), 0},
    {32, offsetof(struct event, rule_id), 0},
    {4096, offsetof(struct event, source_ip), 0},
    {4, offsetof(struct event, target_ip), 0},
    {8, offsetof(struct event, host), 0},
    {8192, offsetof(struct event, fingerprint), EVENT_STATE_FINGERPRINT},
    {16384, offsetof(struct event, rule_title), EVENT_STATE_TITLE},
    {32768, offsetof(struct event, user_agent), EVENT_STATE_AGENT},
};

static const struct event nothing;

static struct text text_at(const struct event *event, size_t i)
{
    struct text text;

    memcpy(&text, (const char *)event + texts[i].offset, sizeof(text));
    return text;
}

static bool same_texts(const struct text *a, const struct text *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!text_equal(a[i], b[i]))
            return false;
    }
    return true;
}

static bool same_list(const struct record_texts *a, const struct record_texts *b)
{
    return a->count == b->count && same_texts(a->items, b->items, a->count);
}

static bool same_map(const struct record_map *a, const struct record_map *b)
{
    return a->count == b->count && same_texts(a->names, b->names, a->count) &&
           same_texts(a->values, b->values, a->count);
}

static uint64_t behind(const struct event *event)
{
    return (uint64_t)event->timestamp - (uint64_t)event->event_time;
}

static bool is_shown(size_t i, unsigned shown)
{
    return texts[i].shown == 0 || (texts[i].shown & shown);
}

static unsigned compare(const struct event *event, const struct event *before, unsigned shown)
{
    unsigned differs = 0;

    differs |= text_equal(event->payload, before->payload) ? 0 : DIFFERS_PAYLOAD;
    differs |= event->confidence_score == before->confidence_score ? 0 : DIFFERS_CONFIDENCE;
    differs |= behind(event) == behind(before) ? 0 : DIFFERS_TIMESTAMP;
    differs |= event->threat_level == before->threat_level ? 0 : DIFFERS_LEVEL;
    differs |= same_list(&event->indicators, &before->indicators) ? 0 : DIFFERS_INDICATORS;
    differs |= same_list(&event->tags, &before->tags) ? 0 : DIFFERS_TAGS;
    if ((shown & EVENT_STATE_FIELDS) && !same_map(&event->fields, &before->fields))
        differs |= DIFFERS_FIELDS;
    for (unsigned i = 0; i < COUNT_OF(texts); i++) {
        if (is_shown(i, shown) && !text_equal(text_at(event, i), text_at(before, i)))
            differs |= texts[i].differs;
    }
    return differs;
}

static void write_list(struct pack *pack, const struct text *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pack_text(pack, items[i]);
}

void event_state_write(struct pack *pack, struct payload_state *payloads, struct sighting *sighting,
                       const struct event *before, unsigned shown)
{
    const struct event *event = &sighting->event;
    unsigned differs = compare(event, before ? before : &nothing, shown);

    pack_number(pack, differs);
    pack_time(pack, event->event_time);
    pack_once(pack, event->event_id);
    for (unsigned i = 0; i < COUNT_OF(texts); i++) {
        if (differs & texts[i].differs)
            pack_text(pack, text_at(event, i));
    }
    if (differs & DIFFERS_PAYLOAD)
        payload_state_write(payloads, sighting, pack);
    if (differs & DIFFERS_CONFIDENCE)
        pack_real(pack, event->confidence_score);
    if (differs & DIFFERS_TIMESTAMP)
        pack_signed(pack, (int64_t)behind(event));
    if (differs & DIFFERS_LEVEL)
        pack_number(pack, (uint64_t)event->threat_level);
    if (differs & DIFFERS_INDICATORS) {
        pack_number(pack, event->indicators.count);
        write_list(pack, event->indicators.items, event->indicators.count);
    }
    if (differs & DIFFERS_TAGS) {
        pack_number(pack, event->tags.count);
        write_list(pack, event->tags.items, event->tags.count);
    }
    if (differs & DIFFERS_FIELDS) {
        pack_number(pack, event->fields.count);
        write_list(pack, event->fields.names, event->fields.count);
        write_list(pack, event->fields.values, event->fields.count);
    }
}

static struct text *read_list(struct unpack *unpack, size_t count, struct arena *arena)
{
    struct text *items = arena_take(arena, count * sizeof(*items));

    for (size_t i = 0; i < count; i++)
        items[i] = pack_read_text(unpack);
    return items;
}

static void read_lists(struct unpack *unpack, unsigned differs, struct event *event,
                       struct arena *arena)
{
    if (differs & DIFFERS_INDICATORS) {
        event->indicators.count = pack_read_count(unpack);
        event->indicators.items = read_list(unpack, event->indicators.count, arena);
    }
    if (differs & DIFFERS_TAGS) {
        event->tags.count = pack_read_count(unpack);
        event->tags.items = read_list(unpack, event->tags.count, arena);
    }
    if (differs & DIFFERS_FIELDS) {
        event->fields.count = pack_read_count(unpack);
        event->fields.names = read_list(unpack, event->fields.count, arena);
        event->fields.values = read_list(unpack, event->fields.count, arena);
    }
}

void event_state_read(struct unpack *unpack, struct payload_state *payloads,
                      const struct event *before, struct text tenant, struct event *event,
                      struct arena *arena)
{
    unsigned differs = (unsigned)pack_read_limited(unpack, DIFFERS_ALL);
    uint64_t lag;

    *event = before ? *before : nothing;
    event->tenant = tenant;
    lag = behind(event);
    event->event_time = pack_read_time(unpack);
    event->event_id = pack_read_once(unpack);
    for (unsigned i = 0; i < COUNT_OF(texts); i++) {
        struct text text;

        if (!(differs & texts[i].differs))
            continue;
        text = pack_read_text(unpack);
        memcpy((char *)event + texts[i].offset, &text, sizeof(text));
    }
    if (differs & DIFFERS_PAYLOAD)
        event->payload = payload_state_read(payloads, event, unpack);
    if (differs & DIFFERS_CONFIDENCE)
        event->confidence_score = pack_read_real(unpack);
    if (differs & DIFFERS_TIMESTAMP)
        lag = (uint64_t)pack_read_signed(unpack);
    if (differs & DIFFERS_LEVEL)
        event->threat_level = (int)pack_read_limited(unpack, LEVEL_CRITICAL);
    event->timestamp = (int64_t)((uint64_t)event->event_time + lag);
    read_lists(unpack, differs, event, arena);
    if (event->event_id.size == 0 || event->event_time < ASSORT_EARLIEST_MS ||
        event->event_time > ASSORT_LATEST_MS)
        unpack->is_broken = true;
}
