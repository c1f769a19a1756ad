#include "correlator/sighting.h"

#include <stdlib.h>

#include "base/alert.h"

/* Memory behind the struct, handed out in two parts: first the arrays, which want alignment, then
 * the bytes of texts. */
struct room {
    struct text *texts;
    char *bytes;
};

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
        kept[i] = keep(room, texts[i]);
    return kept;
}

static size_t size_of(const struct text *texts, size_t count)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += texts[i].size;
    return size;
}

struct sighting *sighting_new(const struct event *event)
{
    struct text payload = alert_cut_payload(event->payload);
    const struct text whole[] = {
        event->event_id,   event->fingerprint, event->event_type, event->rule_id,
        event->rule_title, event->source_ip,   event->target_ip,  event->user_agent,
        event->user,       event->host,        payload,           event->tenant};
    size_t texts =
        event->indicators.count + event->tags.count + event->fields.count + event->fields.count;
    size_t bytes = size_of(whole, COUNT_OF(whole)) +
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
    kept->fingerprint = keep(&room, event->fingerprint);
    kept->timestamp = event->timestamp;
    kept->event_time = event->event_time;
    kept->detected_at = event->detected_at;
    kept->event_type = keep(&room, event->event_type);
    kept->rule_id = keep(&room, event->rule_id);
    kept->rule_title = keep(&room, event->rule_title);
    kept->threat_level = event->threat_level;
    kept->confidence_score = event->confidence_score;
    kept->source_ip = keep(&room, event->source_ip);
    kept->target_ip = keep(&room, event->target_ip);
    kept->user_agent = keep(&room, event->user_agent);
    kept->user = keep(&room, event->user);
    kept->host = keep(&room, event->host);
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
