#include "base/event.h"

#include "base/digest.h"
#include "base/number.h"

const char *const event_levels[] = {"LOW", "MEDIUM", "HIGH", "CRITICAL", NULL};
static const char *const modes[] = {"alert", "shadow", NULL};
static const char *const enrichments[] = {"full", "degraded", NULL};

#define CONTEXT(member) offsetof(struct event_context, member)
static const struct record_field context_fields[] = {
    {.name = "reputation", .kind = FIELD_DOUBLE, .offset = CONTEXT(reputation), .nullable = true},
    {.name = "country", .kind = FIELD_TEXT, .offset = CONTEXT(country), .nullable = true},
    {.name = "asn", .kind = FIELD_LONG, .offset = CONTEXT(asn), .nullable = true},
    {.name = "user_agent_risk",
     .kind = FIELD_DOUBLE,
     .offset = CONTEXT(user_agent_risk),
     .nullable = true},
    {.name = "timing_risk", .kind = FIELD_DOUBLE, .offset = CONTEXT(timing_risk)},
    {.name = "recent_events",
     .kind = FIELD_LONG,
     .offset = CONTEXT(recent_events),
     .nullable = true},
    {.name = "enrichment",
     .kind = FIELD_ENUM,
     .offset = CONTEXT(enrichment),
     .symbols = enrichments},
    {0},
};
static const struct record_type context_type = {"event_context", 1, sizeof(struct event_context),
                                                context_fields};

#define ORIGIN(member) offsetof(struct origin, member)
static const struct record_field origin_fields[] = {
    {.name = "cluster", .kind = FIELD_TEXT, .offset = ORIGIN(cluster)},
    {.name = "topic", .kind = FIELD_TEXT, .offset = ORIGIN(topic)},
    {.name = "partition", .kind = FIELD_LONG, .offset = ORIGIN(partition)},
    {.name = "offset", .kind = FIELD_LONG, .offset = ORIGIN(offset)},
    {.name = "index", .kind = FIELD_LONG, .offset = ORIGIN(index)},
    {0},
};
static const struct record_type origin_type = {"event_origin", 1, sizeof(struct origin),
                                               origin_fields};

#define EVENT(member) offsetof(struct event, member)
static const struct record_field event_fields[] = {
    {.name = "event_id", .kind = FIELD_TEXT, .offset = EVENT(event_id)},
    {.name = "fingerprint", .kind = FIELD_TEXT, .offset = EVENT(fingerprint)},
    {.name = "timestamp", .kind = FIELD_TIME, .offset = EVENT(timestamp)},
    {.name = "event_time", .kind = FIELD_TIME, .offset = EVENT(event_time)},
    {.name = "detected_at", .kind = FIELD_TIME, .offset = EVENT(detected_at)},
    {.name = "event_type", .kind = FIELD_TEXT, .offset = EVENT(event_type)},
    {.name = "rule_id", .kind = FIELD_TEXT, .offset = EVENT(rule_id)},
    {.name = "rule_title", .kind = FIELD_TEXT, .offset = EVENT(rule_title)},
    {.name = "threat_level",
     .kind = FIELD_ENUM,
     .offset = EVENT(threat_level),
     .symbols = event_levels},
    {.name = "confidence_score", .kind = FIELD_DOUBLE, .offset = EVENT(confidence_score)},
    {.name = "source_ip", .kind = FIELD_TEXT, .offset = EVENT(source_ip), .nullable = true},
    {.name = "target_ip", .kind = FIELD_TEXT, .offset = EVENT(target_ip), .nullable = true},
    {.name = "user_agent", .kind = FIELD_TEXT, .offset = EVENT(user_agent), .nullable = true},
    {.name = "user", .kind = FIELD_TEXT, .offset = EVENT(user), .nullable = true},
    {.name = "host", .kind = FIELD_TEXT, .offset = EVENT(host), .nullable = true},
    {.name = "payload", .kind = FIELD_TEXT, .offset = EVENT(payload)},
    {.name = "indicators", .kind = FIELD_TEXT_LIST, .offset = EVENT(indicators)},
    {.name = "context", .kind = FIELD_RECORD, .offset = EVENT(context), .record = &context_type},
    {.name = "tags", .kind = FIELD_TEXT_LIST, .offset = EVENT(tags)},
    {.name = "tenant", .kind = FIELD_TEXT, .offset = EVENT(tenant)},
    {.name = "origin", .kind = FIELD_RECORD, .offset = EVENT(origin), .record = &origin_type},
    {.name = "mode", .kind = FIELD_ENUM, .offset = EVENT(mode), .symbols = modes},
    {.name = "fields", .kind = FIELD_TEXT_MAP, .offset = EVENT(fields)},
    {.name = "raw_log", .kind = FIELD_TEXT, .offset = EVENT(raw_log)},
    {0},
};
const struct record_type event_type = {"event", 1, sizeof(struct event), event_fields};

bool event_level_parse(struct text t, enum threat_level *level)
{
    for (int i = 0; event_levels[i]; i++) {
        if (text_is(t, event_levels[i])) {
            *level = (enum threat_level)i;
            return true;
        }
    }
    return false;
}

struct text event_entity(const struct event *event)
{
    const struct text candidates[] = {event->source_ip, event->host, event->user};

    for (size_t i = 0; i < COUNT_OF(candidates); i++) {
        if (candidates[i].size > 0)
            return candidates[i];
    }
    return event->event_id;
}

struct text event_make_id(const struct origin *origin, int64_t kafka_ms, struct text rule_id,
                          struct arena *arena)
{
    const int64_t numbers[] = {origin->partition, origin->offset, kafka_ms, origin->index};
    char digits[COUNT_OF(numbers)][NUMBER_DIGITS], hex[33];
    struct text parts[] = {origin->cluster, origin->topic, {0}, {0}, {0}, {0}, rule_id};

    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        parts[2 + i] = number_digits(numbers[i], digits[i]);
    digest_md5(parts, COUNT_OF(parts), hex);
    return arena_copy(arena, text_of(hex));
}

struct text event_make_fingerprint(struct text timestamp, struct text attack, struct text message,
                                   struct arena *arena)
{
    const struct text parts[] = {timestamp, attack, message};
    char hex[33];

    digest_md5_concat(parts, COUNT_OF(parts), hex);
    return arena_copy(arena, (struct text){hex, 16});
}
