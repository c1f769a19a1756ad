#include "correlator/field.h"

#include <stdio.h>

#include "base/document.h"

static const char *const names[] = {
    [CORRELATION_FIELD_EVENT_ID] = "event_id",
    [CORRELATION_FIELD_FINGERPRINT] = "fingerprint",
    [CORRELATION_FIELD_EVENT_TYPE] = "event_type",
    [CORRELATION_FIELD_RULE_ID] = "rule_id",
    [CORRELATION_FIELD_RULE_TITLE] = "rule_title",
    [CORRELATION_FIELD_THREAT_LEVEL] = "threat_level",
    [CORRELATION_FIELD_SOURCE_IP] = "source_ip",
    [CORRELATION_FIELD_TARGET_IP] = "target_ip",
    [CORRELATION_FIELD_USER_AGENT] = "user_agent",
    [CORRELATION_FIELD_USER] = "user",
    [CORRELATION_FIELD_HOST] = "host",
    [CORRELATION_FIELD_PAYLOAD] = "payload",
    [CORRELATION_FIELD_TENANT] = "tenant",
    [CORRELATION_FIELD_RAW_LOG] = "raw_log",
};

/* Fields of an event that would make the same events give other alerts. */
static const struct {
    const char *name, *why;
} refused[] = {
    {"confidence_score", "it comes from look-ups, which may differ when a log is read again"},
    {"context", "it comes from look-ups, which may differ when a log is read again"},
    {"indicators", "they come from look-ups too, which may differ when a log is read again"},
    {"detected_at", "it differs when a log is read again; windows go by event_time"},
    {"timestamp", "times cannot be compared; windows go by event_time"},
    {"event_time", "times cannot be compared; windows go by it"},
    {"tags", "it is a list; name rules or event types"},
    {"origin", "it says where the log stood, not what happened"},
    {"mode", "shadow events feed no rule"},
    {"fields", "name one of the log's fields: fields.<path>"},
};

/* What Sigma rules and logs call our fields. */
static const struct {
    const char *theirs;
    enum correlation_field_id ours;
} others[] = {
    {"User", CORRELATION_FIELD_USER},
    {"TargetUserName", CORRELATION_FIELD_USER},
    {"username", CORRELATION_FIELD_USER},
    {"user.name", CORRELATION_FIELD_USER},
    {"ComputerName", CORRELATION_FIELD_HOST},
    {"Computer", CORRELATION_FIELD_HOST},
    {"host.name", CORRELATION_FIELD_HOST},
    {"SourceIP", CORRELATION_FIELD_SOURCE_IP},
    {"IpAddress", CORRELATION_FIELD_SOURCE_IP},
    {"src_ip", CORRELATION_FIELD_SOURCE_IP},
    {"client_ip", CORRELATION_FIELD_SOURCE_IP},
    {"source.ip", CORRELATION_FIELD_SOURCE_IP},
    {"DestinationIp", CORRELATION_FIELD_TARGET_IP},
    {"dst_ip", CORRELATION_FIELD_TARGET_IP},
    {"destination.ip", CORRELATION_FIELD_TARGET_IP},
    {"c-useragent", CORRELATION_FIELD_USER_AGENT},
};

static void explain(struct text name, char *why, size_t size)
{
    struct text first = text_slice(name, 0, text_find_byte(name, '.'));
    const char *nearest = document_nearest(name, names, COUNT_OF(names));

    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        if (text_is(first, refused[i].name)) {
            snprintf(why, size, "%s", refused[i].why);
            return;
        }
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (text_is(name, others[i].theirs))
            nearest = names[others[i].ours];
    }
    if (nearest)
        snprintf(why, size,
                 "events have no such field; did you mean '%s'? The log's own is 'fields.%.*s'",
                 nearest, TEXT_ARG(text_cut(name, 80)));
    else
        snprintf(why, size, "events have no such field; the log's own is 'fields.%.*s'",
                 TEXT_ARG(text_cut(name, 80)));
}

bool field_find(struct text name, struct correlation_field *field, char *why, size_t size)
{
    if (text_starts(name, TEXT("fields.")) && name.size > 7) {
        *field = (struct correlation_field){CORRELATION_FIELD_OF_LOG, name,
                                            text_slice(name, 7, name.size)};
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (text_is(name, names[i])) {
            *field = (struct correlation_field){(enum correlation_field_id)i, name, {0}};
            return true;
        }
    }
    explain(name, why, size);
    return false;
}
