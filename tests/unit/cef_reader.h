/* cef_reader: what a CEF receiver reads, by the grammar of the CEF Implementation Standard v27, and
 * what an alert has to look like to it. */
#pragma once

#include "pairs.h"

struct cef_record {
    struct text header[7];
    struct pairs pairs;
};

/* Undoes escapes of @t: '\' before one of @marks, and n and r for LF and CR where @line_ends. */
static inline bool cef_unescape(struct arena *arena, struct text t, const char *marks,
                                bool line_ends, struct text *value)
{
    char *out = arena_take(arena, t.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < t.size; i++) {
        char byte = t.bytes[i];

        if (byte == '\\') {
            if (++i == t.size)
                return false;
            byte = t.bytes[i];
            if (line_ends && (byte == 'n' || byte == 'r'))
                byte = (char)(byte == 'n' ? '\n' : '\r');
            else if (!byte || !strchr(marks, byte))
                return false;
        } else if ((unsigned char)byte < 0x20) {
            return false;
        }
        out[size++] = byte;
    }
    *value = (struct text){out, size};
    return true;
}

/* The first @mark that no '\' is before, or the end. */
static inline size_t cef_find(struct text t, size_t from, char mark)
{
    for (size_t i = from; i < t.size; i++) {
        if (t.bytes[i] == '\\')
            i++;
        else if (t.bytes[i] == mark)
            return i;
    }
    return t.size;
}

static inline bool cef_read_extension(struct arena *arena, struct text t, struct pairs *pairs)
{
    size_t equals = cef_find(t, 0, '='), key = 0;

    while (equals < t.size) {
        const size_t next = cef_find(t, equals + 1, '=');
        size_t end = next;

        if (next < t.size) { /* back over the next key and its blank */
            while (end > equals && t.bytes[end] != ' ')
                end--;
            if (end == equals)
                return false;
        }
        struct text value;

        if (!cef_unescape(arena, text_slice(t, equals + 1, end), "\\=", true, &value) ||
            !pairs_add(pairs, text_slice(t, key, equals), value))
            return false;
        key = end + 1;
        equals = next;
    }
    return t.size == 0 || pairs->count > 0;
}

static inline bool cef_read(struct arena *arena, struct text line, struct cef_record *record)
{
    *record = (struct cef_record){0};
    for (size_t i = 0; i < COUNT_OF(record->header); i++) {
        const size_t end = cef_find(line, 0, '|');

        if (end == line.size ||
            !cef_unescape(arena, text_slice(line, 0, end), "\\|", false, &record->header[i]))
            return false;
        line = text_slice(line, end + 1, line.size);
    }
    return cef_read_extension(arena, line, &record->pairs);
}

/* "CEF:0|Haechi|Haechi|VERSION|rule|title|severity|", the rule and the title cut to what the format
 * and a line of @limit let them have. */
static inline bool cef_header_matches(struct arena *arena, const struct cef_record *record,
                                      const struct alert *alert, size_t limit)
{
    static const char *const severities[] = {"3", "6", "8", "10"};
    const size_t eighth = limit / 8;
    const struct text rule = alert->rule_id.size ? alert->rule_id : TEXT("alert");
    const struct text title = alert->title.size ? alert->title : TEXT("Security Event Detected");
    const struct text want[] = {
        TEXT("CEF:0"),
        TEXT("Haechi"),
        TEXT("Haechi"),
        TEXT(HAECHI_VERSION),
        pairs_shown(arena, text_cut(rule, eighth < 1023 ? eighth : 1023), "", '\0'),
        pairs_shown(arena, text_cut(title, eighth < 512 ? eighth : 512), "", '\0'),
        text_of(severities[alert->severity]),
    };

    for (size_t i = 0; i < COUNT_OF(want); i++) {
        if (!text_equal(record->header[i], want[i]))
            return false;
    }
    return true;
}

static inline void cef_want(struct pairs *want, struct arena *arena, const char *key,
                            const char *label, size_t limit, struct text value)
{
    if (value.size == 0)
        return;
    pairs_add(want, text_of(key), pairs_shown(arena, text_cut(value, limit), "\n\r", '\0'));
    if (label)
        pairs_add(want, arena_textf(arena, "%sLabel", key), text_of(label));
}

static inline void cef_want_address(struct pairs *want, struct arena *arena, struct text value,
                                    const char *v4, const char *v6, const char *label,
                                    const char *name)
{
    const struct text address = pairs_address(arena, value);

    if (address.size == 0)
        cef_want(want, arena, name, NULL, 1023, value);
    else if (text_find_byte(address, ':') == address.size)
        cef_want(want, arena, v4, NULL, 64, address);
    else
        cef_want(want, arena, v6, label, 64, address);
}

/* All keys of @alert, in their order. */
static inline void cef_want_alert(struct pairs *want, struct arena *arena,
                                  const struct alert *alert)
{
    const struct text type =
        alert->event_types.count ? alert->event_types.items[0] : TEXT("security_event");

    cef_want(want, arena, "rt", NULL, 20, pairs_number(arena, alert->timestamp));
    if (alert->alert_id.size <= 255)
        cef_want(want, arena, "externalId", NULL, 255, alert->alert_id);
    cef_want(want, arena, "cn1", "Revision", 20, pairs_number(arena, alert->revision));
    cef_want(want, arena, "cs1", "ConfidenceScore", 40, pairs_confidence(arena, alert));
    cef_want(want, arena, "cs2", "Status", 40, text_of(alert_statuses[alert->status]));
    cef_want(want, arena, "cat", NULL, 1023, type);
    cef_want_address(want, arena, alert->source_ip, "src", "c6a2", "Source IPv6 Address", "shost");
    cef_want_address(want, arena, alert->target_ip, "dst", "c6a3", "Destination IPv6 Address",
                     "destinationServiceName");
    cef_want(want, arena, "duser", NULL, 1023, alert->user);
    cef_want(want, arena, "dhost", NULL, 1023, alert->host);
    cef_want(want, arena, "type", NULL, 1, alert->correlation_id.size ? TEXT("2") : TEXT("0"));
    cef_want(want, arena, "cnt", NULL, 20, pairs_number(arena, alert->event_count));
    cef_want(want, arena, "start", NULL, 20, pairs_number(arena, alert->first_seen));
    cef_want(want, arena, "end", NULL, 20, pairs_number(arena, alert->last_seen));
    cef_want(want, arena, "cs6", "Tenant", 4000, alert->tenant);
    cef_want(want, arena, "msg", NULL, 1023, alert->description);
    cef_want(want, arena, "flexString1", "Group", 1023, pairs_group(arena, &alert->group));
    cef_want(want, arena, "cs3", "Indicators", 4000, pairs_joined(arena, &alert->indicators));
    cef_want(want, arena, "cs4", "Tags", 4000, pairs_joined(arena, &alert->tags));
    cef_want(want, arena, "flexString2", "Payload", 1023, alert->raw_payload);
    cef_want(want, arena, "cs5", "RecommendedActions", 4000,
             pairs_joined(arena, &alert->recommended_actions));
}
