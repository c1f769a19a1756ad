#include "correlator/slot_alert.h"

#include "correlator/group.h"
#include "correlator/template.h"

#define SEVERAL_TYPES TEXT("multiple_attack_types")
#define SEVERAL_TYPES_BONUS 0.2

static struct record_texts copy_texts(struct arena *arena, const struct text *items, size_t count,
                                      size_t room)
{
    struct record_texts copy = {arena_take(arena, (count + room) * sizeof(struct text)), count};

    for (size_t i = 0; i < count; i++)
        copy.items[i] = arena_copy(arena, items[i]);
    return copy;
}

struct text slot_alert_id(const struct slot *slot, struct arena *arena)
{
    const struct plan *plan = slot->track->plan;
    const struct group *group = slot->track->group;

    if (!slot->event)
        return alert_make_id(group->tenant, plan->id, text_of(group->id), slot->start_ms, arena);
    if (!plan->rule)
        return alert_make_single_id(slot->event->event.event_id, arena);
    return alert_make_event_id(group->tenant, plan->id, text_of(group->id),
                               slot->event->event.event_id, arena);
}

static void write_group(const struct group *group, struct arena *arena, struct alert *alert)
{
    alert->tenant = arena_copy(arena, group->tenant);
    alert->group = (struct record_map){
        .names = copy_texts(arena, group->names, group->count, 0).items,
        .values = copy_texts(arena, group->values, group->count, 0).items,
        .count = group->count,
    };
    alert->group_key = arena_copy(arena, text_of(group->id));
}

static void write_events(const struct slot *slot, struct arena *arena, struct alert *alert)
{
    const struct gist *gist = &slot->gist;
    const struct event *earliest = &gist->earliest->event;
    struct text ids[ALERT_MAX_EVENT_IDS];

    for (size_t i = 0; i < gist->id_count; i++)
        ids[i] = gist->ids[i].event_id;
    alert->event_ids = copy_texts(arena, ids, gist->id_count, 0);
    alert->event_types = copy_texts(arena, gist->types, gist->type_count, 0);
    alert->event_count = gist->count;
    alert->count_exact = !slot->is_inexact;
    alert->first_seen = slot->first_ms;
    alert->last_seen = slot->last_ms;
    alert->timestamp = earliest->timestamp;
    alert->source_ip = arena_copy(arena, gist_value(gist, GIST_SOURCE_IP));
    alert->target_ip = arena_copy(arena, gist_value(gist, GIST_TARGET_IP));
    alert->user = arena_copy(arena, gist_value(gist, GIST_USER));
    alert->host = arena_copy(arena, gist_value(gist, GIST_HOST));
    alert->raw_payload = arena_copy(arena, earliest->payload);
    alert->confidence = gist->confidence;
    alert->indicators =
        copy_texts(arena, earliest->indicators.items, earliest->indicators.count, 1);
    if (slot->has_several_types) {
        alert->confidence += SEVERAL_TYPES_BONUS;
        alert->indicators.items[alert->indicators.count++] = SEVERAL_TYPES;
    }
    if (alert->confidence > 1)
        alert->confidence = 1;
}

static struct template_facts facts_of(const struct slot *slot)
{
    const struct group *group = slot->track->group;

    return (struct template_facts){
        .event = &slot->gist.earliest->event,
        .names = group->names,
        .values = group->values,
        .count = group->count,
        .event_count = slot->gist.count,
        .first_seen = slot->first_ms,
        .last_seen = slot->last_ms,
    };
}

static void write_texts(const struct slot *slot, struct text title, struct text description,
                        struct arena *arena, struct alert *alert)
{
    const struct template_facts facts = facts_of(slot);

    alert->title = template_fill(title, &facts, TEMPLATE_TITLE_CHARACTERS, arena);
    alert->description = template_fill(description, &facts, TEMPLATE_DESCRIPTION_CHARACTERS, arena);
}

static void write_rule(const struct slot *slot, struct arena *arena, struct alert *alert)
{
    const struct plan *plan = slot->track->plan;
    const struct correlation *rule = plan->rule;
    const struct record_texts *tags = &slot->gist.earliest->event.tags;

    alert->rule_id = plan->id;
    if (rule) {
        alert->correlation_id = rule->id;
        alert->severity = (int)rule->level;
        alert->mode = (int)rule->mode;
        alert->tags = copy_texts(arena, rule->tags, rule->tag_count, 0);
        write_texts(slot, rule->title, rule->description, arena, alert);
        return;
    }
    alert->severity = slot->gist.level;
    alert->tags = copy_texts(arena, tags->items, tags->count, 0);
    write_texts(slot, TEXT(TEMPLATE_SINGLE_TITLE), TEXT(TEMPLATE_SINGLE_DESCRIPTION), arena, alert);
}

void slot_alert_write(const struct slot *slot, const struct life_settings *settings, int64_t now_ms,
                      struct arena *arena, struct alert *alert)
{
    const struct slot *before = slots_before(slot);

    record_set_defaults(&alert_type, alert);
    alert->alert_id = slot_alert_id(slot, arena);
    alert->revision = slot->revision;
    alert->status = slot->status;
    alert->emitted_at = now_ms;
    if (before)
        alert->continues = slot_alert_id(before, arena);
    write_group(slot->track->group, arena, alert);
    write_rule(slot, arena, alert);
    write_events(slot, arena, alert);
    alert->recommended_actions =
        actions_of(settings->actions, settings->language, slot->track->plan->rule, alert->severity,
                   slot->gist.earliest->event.event_type, arena);
}
