#include "detector/draft.h"

#include <math.h>

#include "base/address.h"
#include "detector/event_time.h"
#include "detector/timing_risk.h"

/* "sql_injection" of "web_attacks.sql_injection". */
static struct text attack_of(const struct rule *rule)
{
    return text_slice(rule->event_type, rule->category.size + 1, rule->event_type.size);
}

static struct text captured(const struct engine_hit *hit, struct text name)
{
    for (size_t i = 0; i < hit->capture_count; i++) {
        if (text_equal(hit->captures[i].name, name))
            return hit->captures[i].value;
    }
    return (struct text){0};
}

static struct text field_of(const struct engine_hit *hit, const struct entry *entry,
                            enum entry_field field)
{
    if (entry->fields[field].size)
        return entry->fields[field];
    return captured(hit, text_of(entry_field_names[field]));
}

static struct text address_of(struct text t, struct arena *arena)
{
    struct address address;
    AUTO_BUF canonical = {0};

    if (!address_parse_endpoint(t, &address))
        return t;
    address_write(&address, &canonical);
    return text_equal(buf_text(&canonical), t) ? t : arena_copy(arena, buf_text(&canonical));
}

static void fill_who(struct event *event, const struct engine_hit *hit, const struct entry *entry,
                     struct arena *arena)
{
    event->source_ip = address_of(field_of(hit, entry, ENTRY_SOURCE_IP), arena);
    event->target_ip = address_of(field_of(hit, entry, ENTRY_TARGET_IP), arena);
    event->user_agent = field_of(hit, entry, ENTRY_USER_AGENT);
    event->user = field_of(hit, entry, ENTRY_USER);
    event->host = field_of(hit, entry, ENTRY_HOST);
    event->tenant = entry->tenant;
}

/* A log without a time of its own still has the zone that its entry's time names. */
static void fill_when(struct detection *detection, const struct entry *entry,
                      const struct detect_origin *origin, int64_t max_skew_ms)
{
    struct event *event = &detection->event;
    struct event_time time = event_time_of(&(struct event_time_input){
        .has_log_time = entry->has_time,
        .log_ms = entry->time.ms,
        .kafka_ms = origin->kafka_ms,
        .now_ms = origin->now_ms,
        .max_skew_ms = max_skew_ms,
    });
    struct moment moment = entry->time;

    if (!entry->has_time)
        moment.ms = time.ms;
    event->timestamp = moment.ms;
    event->event_time = time.ms;
    event->detected_at = origin->now_ms;
    event->context.timing_risk = timing_risk_of_hour(moment) / 10.0;
    detection->clock_ahead = time.clock_ahead;
    detection->clock_broken = time.clock_broken;
}

static void fill_rule(struct event *event, const struct engine_hit *hit, struct arena *arena)
{
    const struct rule *rule = hit->rule;
    struct text *tags = arena_take(arena, rule->tag_count * sizeof(*tags));
    struct text *indicators = arena_take(arena, 2 * sizeof(*indicators));

    if (rule->tag_count)
        memcpy(tags, rule->tags, rule->tag_count * sizeof(*tags));
    indicators[0] = hit->pattern;
    indicators[1] = TEXT("match_limit:captures_unknown");
    event->event_type = rule->event_type;
    event->rule_id = rule->rule_id;
    event->rule_title = rule->title;
    event->threat_level = (int)rule->level;
    event->confidence_score = rule->confidence;
    event->mode = rule->mode == RULE_SHADOW ? MODE_SHADOW : MODE_ALERT;
    event->tags = (struct record_texts){tags, rule->tag_count};
    event->indicators = (struct record_texts){indicators, hit->is_unconfirmed ? 2 : 1};
}

static void fill_fields(struct event *event, const struct entry *entry,
                        const struct text_list *wanted, struct arena *arena)
{
    struct record_map *map = &event->fields;

    map->names = arena_take(arena, wanted->count * sizeof(*map->names));
    map->values = arena_take(arena, wanted->count * sizeof(*map->values));
    for (size_t i = 0; i < wanted->count; i++) {
        struct text name = text_of(wanted->items[i]);
        struct text value = entry_get(entry, name, arena);

        if (value.size == 0)
            continue;
        map->names[map->count] = name;
        map->values[map->count++] = value;
    }
}

void draft_fill(struct detection *detection, const struct engine_hit *hit,
                const struct entry *entry, const struct detect_origin *origin,
                const struct detect_settings *settings, struct arena *arena)
{
    struct event *event = &detection->event;

    detection->rule = hit->rule;
    event->origin = (struct origin){origin->cluster, origin->topic, origin->partition,
                                    origin->offset, origin->index};
    event->event_id = event_make_id(&event->origin, origin->kafka_ms, hit->rule->rule_id, arena);
    event->fingerprint = event_make_fingerprint(
        entry->fields[ENTRY_TIMESTAMP], attack_of(hit->rule), entry->fields[ENTRY_MESSAGE], arena);
    event->payload = text_cut(hit->payload, (size_t)settings->max_payload_bytes);
    event->raw_log = text_cut(entry->raw, (size_t)settings->max_raw_bytes);
    event->context = (struct event_context){.reputation = NAN,
                                            .asn = RECORD_NULL,
                                            .user_agent_risk = NAN,
                                            .recent_events = RECORD_NULL};
    fill_who(event, hit, entry, arena);
    fill_when(detection, entry, origin, settings->max_skew_ms);
    fill_rule(event, hit, arena);
    fill_fields(event, entry, &settings->event_fields, arena);
}
