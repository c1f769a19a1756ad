/* hostile_alert: alerts for the tests of formats: one as the correlator makes it, and ones made of
 * any bytes at all. */
#pragma once

#include <stdlib.h>

#include "base/alert.h"
#include "base/arena.h"

/* Takes a text off *@rest: a byte that says how long it is, then its bytes. */
static inline struct text hostile_text(struct text *rest)
{
    if (rest->size == 0)
        return (struct text){0};
    const size_t size = (unsigned char)rest->bytes[0] * (size_t)(rest->size > 2000 ? 8 : 1);
    const struct text text = text_slice(*rest, 1, 1 + size);

    *rest = text_slice(*rest, 1 + size, rest->size);
    return text;
}

static inline int64_t hostile_number(struct text *rest)
{
    const struct text bytes = hostile_text(rest);
    int64_t number = 0;

    memcpy(&number, bytes.size ? bytes.bytes : "", bytes.size < 8 ? bytes.size : 8);
    return number;
}

static inline struct record_texts hostile_texts(struct text *rest, struct arena *arena)
{
    struct record_texts texts = {arena_take(arena, 3 * sizeof(struct text)), 0};

    texts.count = rest->size > 0 ? (unsigned char)rest->bytes[0] % 4 : 0;
    *rest = text_slice(*rest, 1, rest->size);
    for (size_t i = 0; i < texts.count; i++)
        texts.items[i] = hostile_text(rest);
    return texts;
}

static inline struct alert hostile_alert(struct text bytes, struct arena *arena)
{
    struct text *rest = &bytes;
    struct alert alert = {
        .alert_id = hostile_text(rest),
        .title = hostile_text(rest),
        .description = hostile_text(rest),
        .source_ip = hostile_text(rest),
        .target_ip = hostile_text(rest),
        .user = hostile_text(rest),
        .host = hostile_text(rest),
        .raw_payload = hostile_text(rest),
        .rule_id = hostile_text(rest),
        .correlation_id = hostile_text(rest),
        .tenant = hostile_text(rest),
        .continues = hostile_text(rest),
        .group_key = hostile_text(rest),
        .indicators = hostile_texts(rest, arena),
        .recommended_actions = hostile_texts(rest, arena),
        .event_types = hostile_texts(rest, arena),
        .event_ids = hostile_texts(rest, arena),
        .tags = hostile_texts(rest, arena),
        .revision = hostile_number(rest),
        .timestamp = hostile_number(rest),
        .event_count = hostile_number(rest),
        .first_seen = hostile_number(rest),
        .last_seen = hostile_number(rest),
        .emitted_at = hostile_number(rest),
        .confidence = (double)hostile_number(rest) / 1e3,
    };
    const struct record_texts names = hostile_texts(rest, arena);

    alert.group.names = names.items;
    alert.group.values = arena_zero(arena, 3 * sizeof(struct text));
    alert.group.count = names.count;
    for (size_t i = 0; i < names.count; i++) { /* a map's names differ */
        names.items[i] = arena_textf(arena, "%zu%.*s", i, TEXT_ARG(names.items[i]));
        alert.group.values[i] = hostile_text(rest);
    }
    alert.severity = (int)((uint64_t)hostile_number(rest) % 4);
    alert.status = (int)((uint64_t)hostile_number(rest) % 3);
    return alert;
}

/* What the correlator says of a brute force. Its lists are static. */
static inline struct alert sample_alert(void)
{
    static struct text indicators[] = {{"brute_force", 11}, {"high_risk_geography:KP", 22}};
    static struct text actions[] = {{"Block the address", 17}, {"Reset the password", 18}};
    static struct text types[] = {{"authentication.brute_force", 26}};
    static struct text ids[] = {{"0123456789abcdef0123456789abcdef", 32}};
    static struct text tags[] = {{"attack.t1110.001", 16}, {"attack.credential_access", 24}};
    static struct text names[] = {{"source_ip", 9}}, values[] = {{"203.0.113.7", 11}};

    return (struct alert){
        .alert_id = TEXT("SEC-0123456789abcdef0123456789abcdef"),
        .revision = 2,
        .timestamp = INT64_C(1767225600123),
        .severity = LEVEL_HIGH,
        .title = TEXT("Brute force"),
        .description = TEXT("12 failed logins"),
        .source_ip = TEXT("203.0.113.7"),
        .target_ip = TEXT("2001:db8::1"),
        .user = TEXT("root"),
        .host = TEXT("web-1"),
        .confidence = 0.9,
        .indicators = {indicators, COUNT_OF(indicators)},
        .raw_payload = TEXT("Failed password for root"),
        .recommended_actions = {actions, COUNT_OF(actions)},
        .rule_id = TEXT("brute_force"),
        .correlation_id = TEXT("brute_force"),
        .event_types = {types, COUNT_OF(types)},
        .event_ids = {ids, COUNT_OF(ids)},
        .event_count = 12,
        .count_exact = true,
        .first_seen = INT64_C(1767225600123),
        .last_seen = INT64_C(1767225660456),
        .status = ALERT_UPDATE,
        .tags = {tags, COUNT_OF(tags)},
        .tenant = TEXT("acme"),
        .group = {names, values, COUNT_OF(names)},
        .group_key = TEXT("f00d"),
        .emitted_at = INT64_C(1767225661000),
    };
}
