/* leef_reader: what QRadar reads, by IBM's LEEF format: the header split at '|', the rest at the
 * delimiter, each pair at its first '='; and what an alert has to look like to it. */
#pragma once

#include "pairs.h"

struct leef_record {
    struct text header[6];
    char delimiter;
    struct pairs pairs;
};

static inline bool leef_read_pairs(struct text rest, char delimiter, struct pairs *pairs)
{
    struct text pair;

    while (text_split(&rest, delimiter, &pair)) {
        const size_t equals = text_find_byte(pair, '=');

        if (equals == 0 || equals == pair.size)
            return false;
        for (size_t i = 0; i < pairs->count; i++) { /* duplicates are ignored: one was lost */
            if (text_equal(pairs->keys[i], text_slice(pair, 0, equals)))
                return false;
        }
        if (!pairs_add(pairs, text_slice(pair, 0, equals), text_slice(pair, equals + 1, pair.size)))
            return false;
    }
    return true;
}

static inline bool leef_read(struct text line, struct leef_record *record)
{
    *record = (struct leef_record){.delimiter = '\t'};
    const size_t fields = text_starts(line, TEXT("LEEF:2.0|")) ? 6 : 5;

    for (size_t i = 0; i < line.size; i++) {
        if ((unsigned char)line.bytes[i] < 0x20 && line.bytes[i] != '\t')
            return false;
    }
    for (size_t i = 0; i < fields; i++) {
        if (!text_split(&line, '|', &record->header[i]))
            return false;
    }
    if (fields == 6 && text_is(record->header[5], "x09"))
        record->delimiter = '\t';
    else if (fields == 6 && record->header[5].size == 1)
        record->delimiter = record->header[5].bytes[0];
    else if (fields == 6)
        return false;
    return leef_read_pairs(line, record->delimiter, &record->pairs);
}

/* "LEEF:1.0|Haechi|Haechi|VERSION|rule|", and for 2.0 the delimiter. */
static inline bool leef_header_matches(struct arena *arena, const struct leef_record *record,
                                       const struct alert *alert, int version, char delimiter,
                                       size_t limit)
{
    const size_t most = limit / 8 < 255 ? limit / 8 : 255;
    const struct text rule = alert->rule_id.size ? alert->rule_id : TEXT("alert");
    const struct text want[] = {version == 1 ? TEXT("LEEF:1.0") : TEXT("LEEF:2.0"), TEXT("Haechi"),
                                TEXT("Haechi"), TEXT(HAECHI_VERSION),
                                pairs_shown(arena, text_cut(rule, most), "", '|')};

    for (size_t i = 0; i < COUNT_OF(want); i++) {
        if (!text_equal(record->header[i], want[i]))
            return false;
    }
    return record->delimiter == delimiter;
}

static inline void leef_want(struct pairs *want, struct arena *arena, const char *key, size_t limit,
                             char delimiter, struct text value)
{
    if (value.size > 0)
        pairs_add(want, text_of(key), pairs_shown(arena, text_cut(value, limit), "", delimiter));
}

static inline void leef_want_address(struct pairs *want, struct arena *arena, struct text value,
                                     const char *key, const char *name, char delimiter)
{
    const struct text address = pairs_address(arena, value);

    if (address.size > 0)
        leef_want(want, arena, key, 64, delimiter, address);
    else
        leef_want(want, arena, name, 255, delimiter, value);
}

static inline void leef_want_alert(struct pairs *want, struct arena *arena,
                                   const struct alert *alert, char d)
{
    const int64_t ms = alert->timestamp;
    const struct text type =
        alert->event_types.count ? alert->event_types.items[0] : TEXT("security_event");
    static const char *const severities[] = {"3", "6", "8", "10"};

    if (ms > 999999999999 && ms < 10000000000000)
        leef_want(want, arena, "devTime", 20, d, pairs_number(arena, ms));
    leef_want(want, arena, "sev", 2, d, text_of(severities[alert->severity]));
    leef_want(want, arena, "alertId", SIZE_MAX, d, alert->alert_id);
    leef_want(want, arena, "revision", 20, d, pairs_number(arena, alert->revision));
    leef_want(want, arena, "cat", 255, d, type);
    leef_want_address(want, arena, alert->source_ip, "src", "srcName", d);
    leef_want_address(want, arena, alert->target_ip, "dst", "dstName", d);
    leef_want(want, arena, "usrName", 255, d, alert->user);
    leef_want(want, arena, "status", 20, d, text_of(alert_statuses[alert->status]));
    leef_want(want, arena, "confidenceScore", 40, d, pairs_confidence(arena, alert));
    leef_want(want, arena, "eventCount", 20, d, pairs_number(arena, alert->event_count));
    leef_want(want, arena, "firstSeen", 20, d, pairs_number(arena, alert->first_seen));
    leef_want(want, arena, "lastSeen", 20, d, pairs_number(arena, alert->last_seen));
    leef_want(want, arena, "tenant", 255, d, alert->tenant);
    leef_want(want, arena, "hostName", 255, d, alert->host);
    leef_want(want, arena, "title", 512, d, alert->title);
    leef_want(want, arena, "msg", 1023, d, alert->description);
    leef_want(want, arena, "group", SIZE_MAX, d, pairs_group(arena, &alert->group));
    leef_want(want, arena, "indicators", SIZE_MAX, d, pairs_joined(arena, &alert->indicators));
    leef_want(want, arena, "tags", SIZE_MAX, d, pairs_joined(arena, &alert->tags));
    leef_want(want, arena, "payload", SIZE_MAX, d, alert->raw_payload);
    leef_want(want, arena, "recommendedActions", SIZE_MAX, d,
              pairs_joined(arena, &alert->recommended_actions));
}
