#include "correlator/sighting.h"

#include <stdlib.h>

#include "base/alert.h"

/* Memory behind the struct, handed out in two parts: first the arrays, which want alignment, then
 * the bytes of texts. */
struct room {
    struct text *texts;
    char *bytes;
};

static struct text shown(struct text text)
{
    return text_cut(text, SIGHTING_TEXT_BYTES);
}

static struct text keep(struct room *room, struct text text)
{
    struct text kept = {room->bytes, text.size};

    if (text.size == 0)
        return (struct text){0};
    memcpy(room->bytes, text.bytes, text.size);
    room->bytes += text.size;
    return kept;
}

static struct text *keep_all(struct room *room, const struct text *texts, size_t count)
{
    struct text *kept = room->texts;

    room->texts += count;
    for (size_t i = 0; i < count; i++)
        kept[i] = keep(room, shown(texts[i]));
    return kept;
}

static size_t size_of(const struct text *texts, size_t count)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += shown(texts[i]).size;
    return size;
}

struct sighting *sighting_new(const struct event *event)
{
    struct text payload = alert_cut_payload(event->payload);
    const struct text singles[] = {event->fingerprint, event->event_type, event->rule_id,
                                   event->rule_title,  event->source_ip,  event->target_ip,
                                   event->user_agent,  event->user,       event->host};
    size_t texts =
        event->indicators.count + event->tags.count + event->fields.count + event->fields.count;
    size_t bytes = event->event_id.size + payload.size + event->tenant.size +
                   size_of(singles, COUNT_OF(singles)) +
                   size_of(event->indicators.items, event->indicators.count) +
                   size_of(event->tags.items, event->tags.count) +
                   size_of(event->fields.names, event->fields.count) +
                   size_of(event->fields.values, event->fields.count);
    struct sighting *sighting =
        mem_resize(NULL, sizeof(*sighting) + texts * sizeof(struct text) + bytes);
    struct event *kept = &sighting->event;
    struct room room = {.texts = (struct text *)(void *)(sighting + 1)};

    room.bytes = (char *)(room.texts + texts);
    *sighting = (struct sighting){.users = 1};
    kept->event_id = keep(&room, event->event_id);
    kept->fingerprint = keep(&room, shown(event->fingerprint));
    kept->timestamp = event->timestamp;
    kept->event_time = event->event_time;
    kept->detected_at = event->detected_at;
    kept->event_type = keep(&room, shown(event->event_type));
    kept->rule_id = keep(&room, shown(event->rule_id));
    kept->rule_title = keep(&room, shown(event->rule_title));
    kept->threat_level = event->threat_level;
    kept->confidence_score = event->confidence_score;
    kept->source_ip = keep(&room, shown(event->source_ip));
    kept->target_ip = keep(&room, shown(event->target_ip));
    kept->user_agent = keep(&room, shown(event->user_agent));
    kept->user = keep(&room, shown(event->user));
    kept->host = keep(&room, shown(event->host));
    kept->payload = keep(&room, payload);
    kept->indicators.count = event->indicators.count;
    kept->indicators.items = keep_all(&room, event->indicators.items, event->indicators.count);
    kept->tags.count = event->tags.count;
    kept->tags.items = keep_all(&room, event->tags.items, event->tags.count);
    kept->tenant = keep(&room, event->tenant);
    kept->fields.count = event->fields.count;
    kept->fields.names = keep_all(&room, event->fields.names, event->fields.count);
    kept->fields.values = keep_all(&room, event->fields.values, event->fields.count);
    return sighting;
}

struct sighting *sighting_share(struct sighting *sighting)
{
    sighting->users++;
    return sighting;
}

void sighting_leave(struct sighting *sighting)
{
    if (sighting && --sighting->users == 0)
        free(sighting);
}

int sighting_compare(const struct sighting *a, int64_t at_ms, struct text event_id)
{
    if (a->event.event_time != at_ms)
        return a->event.event_time < at_ms ? -1 : 1;
    return text_compare(a->event.event_id, event_id);
}
