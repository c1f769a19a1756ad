#include "base/alert.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/record_json.h"

const char *const alert_statuses[] = {"new", "update", "resolved", NULL};
static const char *const modes[] = {"alert", "shadow", NULL};

#define ALERT(member) offsetof(struct alert, member)
static const struct record_field alert_fields[] = {
    {.name = "alert_id", .kind = FIELD_TEXT, .offset = ALERT(alert_id)},
    {.name = "revision", .kind = FIELD_LONG, .offset = ALERT(revision)},
    {.name = "timestamp", .kind = FIELD_TIME, .offset = ALERT(timestamp)},
    {.name = "severity", .kind = FIELD_ENUM, .offset = ALERT(severity), .symbols = event_levels},
    {.name = "title", .kind = FIELD_TEXT, .offset = ALERT(title)},
    {.name = "description", .kind = FIELD_TEXT, .offset = ALERT(description)},
    {.name = "source_ip", .kind = FIELD_TEXT, .offset = ALERT(source_ip), .nullable = true},
    {.name = "target_ip", .kind = FIELD_TEXT, .offset = ALERT(target_ip), .nullable = true},
    {.name = "user", .kind = FIELD_TEXT, .offset = ALERT(user), .nullable = true},
    {.name = "host", .kind = FIELD_TEXT, .offset = ALERT(host), .nullable = true},
    {.name = "confidence", .kind = FIELD_DOUBLE, .offset = ALERT(confidence)},
    {.name = "indicators", .kind = FIELD_TEXT_LIST, .offset = ALERT(indicators)},
    {.name = "raw_payload", .kind = FIELD_TEXT, .offset = ALERT(raw_payload)},
    {.name = "recommended_actions", .kind = FIELD_TEXT_LIST, .offset = ALERT(recommended_actions)},
    {.name = "rule_id", .kind = FIELD_TEXT, .offset = ALERT(rule_id)},
    {.name = "correlation_id",
     .kind = FIELD_TEXT,
     .offset = ALERT(correlation_id),
     .nullable = true},
    {.name = "event_types", .kind = FIELD_TEXT_LIST, .offset = ALERT(event_types)},
    {.name = "event_ids", .kind = FIELD_TEXT_LIST, .offset = ALERT(event_ids)},
    {.name = "event_count", .kind = FIELD_LONG, .offset = ALERT(event_count)},
    {.name = "count_exact", .kind = FIELD_BOOLEAN, .offset = ALERT(count_exact)},
    {.name = "first_seen", .kind = FIELD_TIME, .offset = ALERT(first_seen)},
    {.name = "last_seen", .kind = FIELD_TIME, .offset = ALERT(last_seen)},
    {.name = "status", .kind = FIELD_ENUM, .offset = ALERT(status), .symbols = alert_statuses},
    {.name = "continues", .kind = FIELD_TEXT, .offset = ALERT(continues), .nullable = true},
    {.name = "mode", .kind = FIELD_ENUM, .offset = ALERT(mode), .symbols = modes},
    {.name = "tags", .kind = FIELD_TEXT_LIST, .offset = ALERT(tags)},
    {.name = "tenant", .kind = FIELD_TEXT, .offset = ALERT(tenant)},
    {.name = "group", .kind = FIELD_TEXT_MAP, .offset = ALERT(group)},
    {.name = "group_key", .kind = FIELD_TEXT, .offset = ALERT(group_key)},
    {.name = "emitted_at", .kind = FIELD_TIME, .offset = ALERT(emitted_at)},
    {0},
};
const struct record_type alert_type = {"alert", 1, sizeof(struct alert), alert_fields};

void alert_write_json(const struct alert *alert, struct buf *out)
{
    if (alert->json.size > 0)
        buf_add(out, alert->json);
    else
        record_json_write(&alert_type, alert, out);
}

static struct text make_id(const struct text parts[4], struct arena *arena)
{
    AUTO_BUF joined = {0};
    char hex[33];

    for (size_t i = 0; i < 4; i++) {
        buf_addf(&joined, "%zu:", parts[i].size);
        buf_add(&joined, parts[i]);
    }
    const struct text whole = buf_text(&joined);

    digest_md5(&whole, 1, hex);
    return alert_make_single_id(text_of(hex), arena);
}

struct text alert_make_id(struct text tenant, struct text rule_id, struct text group_id,
                          int64_t slot_ms, struct arena *arena)
{
    char digits[24];
    int size = snprintf(digits, sizeof(digits), "%" PRId64, slot_ms);

    return make_id((struct text[]){tenant, rule_id, group_id, {digits, (size_t)size}}, arena);
}

struct text alert_make_event_id(struct text tenant, struct text rule_id, struct text group_id,
                                struct text event_id, struct arena *arena)
{
    return make_id((struct text[]){tenant, rule_id, group_id, event_id}, arena);
}

struct text alert_make_single_id(struct text event_id, struct arena *arena)
{
    return arena_textf(arena, "SEC-%.*s", TEXT_ARG(event_id));
}

struct text alert_cut_payload(struct text payload)
{
    size_t at = 0;

    if (payload.size <= ALERT_PAYLOAD_CHARACTERS)
        return payload;
    for (int i = 0; i < ALERT_PAYLOAD_CHARACTERS && at < payload.size; i++) {
        size_t character = text_character(text_slice(payload, at, payload.size));

        at += character > 0 ? character : 1;
    }
    return text_slice(payload, 0, at);
}
