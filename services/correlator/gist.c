#include "correlator/gist.h"

#include <stdlib.h>

#include "correlator/owned.h"

void gist_done(struct gist *gist)
{
    for (size_t i = 0; i < gist->id_count; i++)
        owned_free(gist->ids[i].event_id);
    for (size_t i = 0; i < gist->type_count; i++)
        owned_free(gist->types[i]);
    free(gist->ids);
    free(gist->types);
    sighting_leave(gist->earliest);
    *gist = (struct gist){0};
}

void gist_clear(struct gist *gist, bool keeps_ids)
{
    struct gist kept = {0};

    if (keeps_ids) {
        kept = (struct gist){
            .ids = gist->ids, .id_count = gist->id_count, .id_capacity = gist->id_capacity};
        gist->ids = NULL;
        gist->id_count = 0;
    }
    gist_done(gist);
    *gist = kept;
}

static bool is_before(const struct gist_id *id, int64_t at_ms, struct text event_id)
{
    return id->at_ms != at_ms ? id->at_ms < at_ms : text_compare(id->event_id, event_id) < 0;
}

static void add_id(struct gist *gist, int64_t at_ms, struct text event_id)
{
    size_t at = gist->id_count;

    while (at > 0 && !is_before(&gist->ids[at - 1], at_ms, event_id))
        at--;
    if (at == ALERT_MAX_EVENT_IDS)
        return;
    if (gist->id_count == ALERT_MAX_EVENT_IDS)
        owned_free(gist->ids[--gist->id_count].event_id);
    gist->ids = mem_grow(gist->ids, gist->id_count, &gist->id_capacity, sizeof(*gist->ids));
    memmove(gist->ids + at + 1, gist->ids + at, (gist->id_count - at) * sizeof(*gist->ids));
    gist->ids[at] = (struct gist_id){at_ms, owned_copy(event_id)};
    gist->has_new_ids = true;
    gist->id_count++;
}

static void add_type(struct gist *gist, struct text type)
{
    size_t at = gist->type_count;

    for (; at > 0; at--) {
        int order = text_compare(gist->types[at - 1], type);

        if (order == 0)
            return;
        if (order < 0)
            break;
    }
    if (at == GIST_MAX_TYPES)
        return;
    if (gist->type_count == GIST_MAX_TYPES)
        owned_free(gist->types[--gist->type_count]);
    gist->types =
        mem_grow(gist->types, gist->type_count, &gist->type_capacity, sizeof(*gist->types));
    memmove(gist->types + at + 1, gist->types + at, (gist->type_count - at) * sizeof(*gist->types));
    gist->types[at] = owned_copy(type);
    gist->type_count++;
}

static struct text value_of(const struct event *event, enum gist_field field)
{
    switch (field) {
    case GIST_SOURCE_IP:
        return event->source_ip;
    case GIST_TARGET_IP:
        return event->target_ip;
    case GIST_USER:
        return event->user;
    case GIST_HOST:
    default:
        return event->host;
    }
}

/* What the two disagree about is settled before the earlier one takes the other's place. */
static void compare_with(struct gist *gist, struct sighting *sighting)
{
    const struct event *event = &sighting->event;

    for (enum gist_field field = 0; gist->earliest && field < GIST_FIELDS; field++) {
        if (!text_equal(value_of(&gist->earliest->event, field), value_of(event, field)))
            gist->differs[field] = true;
    }
    if (gist->earliest && sighting_compare(gist->earliest, event->event_time, event->event_id) < 0)
        return;
    sighting_leave(gist->earliest);
    gist->earliest = sighting_share(sighting);
}

static void raise_to(struct gist *gist, int level, double confidence)
{
    if (level > gist->level)
        gist->level = level;
    if (confidence > gist->confidence)
        gist->confidence = confidence;
}

void gist_add(struct gist *gist, struct sighting *sighting)
{
    const struct event *event = &sighting->event;

    gist->count++;
    compare_with(gist, sighting);
    add_id(gist, event->event_time, event->event_id);
    add_type(gist, event->event_type);
    raise_to(gist, event->threat_level, event->confidence_score);
}

void gist_merge(struct gist *gist, const struct gist *other)
{
    if (other->count == 0)
        return;
    gist->count += other->count;
    compare_with(gist, other->earliest);
    for (enum gist_field field = 0; field < GIST_FIELDS; field++)
        gist->differs[field] |= other->differs[field];
    for (size_t i = 0; i < other->id_count; i++)
        add_id(gist, other->ids[i].at_ms, other->ids[i].event_id);
    for (size_t i = 0; i < other->type_count; i++)
        add_type(gist, other->types[i]);
    raise_to(gist, other->level, other->confidence);
}

struct text gist_value(const struct gist *gist, enum gist_field field)
{
    if (!gist->earliest || gist->differs[field])
        return (struct text){0};
    return value_of(&gist->earliest->event, field);
}

bool gist_append_type(struct gist *gist, struct text type)
{
    if (gist->type_count > 0 && text_compare(gist->types[gist->type_count - 1], type) >= 0)
        return false;
    add_type(gist, type);
    return true;
}

bool gist_append_id(struct gist *gist, int64_t at_ms, struct text event_id)
{
    if (gist->id_count > 0 && !is_before(&gist->ids[gist->id_count - 1], at_ms, event_id))
        return false;
    add_id(gist, at_ms, event_id);
    return true;
}
