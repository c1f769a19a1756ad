/* event: one rule that fired on one log (schemas/event.avsc). */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/record.h"
#include "base/text.h"

enum threat_level { LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL };
enum event_mode { MODE_ALERT, MODE_SHADOW };
enum enrichment { ENRICHMENT_FULL, ENRICHMENT_DEGRADED };

/* Where a log stood in Kafka. */
struct origin {
    struct text cluster;
    struct text topic;
    int64_t partition;
    int64_t offset;
    int64_t index; /* of the log in the value, 0 unless the value holds several */
};

struct event_context {
    double reputation;      /* 0 bad to 1 good; NaN: no source address */
    struct text country;    /* ISO 3166-1 alpha-2 */
    int64_t asn;            /* RECORD_NULL: not known */
    double user_agent_risk; /* 0 to 1; NaN: no user agent */
    double timing_risk;     /* 0 to 1 */
    int64_t recent_events;  /* of the source in the 5 minutes before; RECORD_NULL: not asked */
    int enrichment;         /* enum enrichment */
};

/* Texts are borrowed, from the log or the batch's arena. */
struct event {
    struct text event_id;
    struct text fingerprint;
    int64_t timestamp;
    int64_t event_time;
    int64_t detected_at;
    struct text event_type;
    struct text rule_id;
    struct text rule_title;
    int threat_level; /* enum threat_level */
    double confidence_score;
    struct text source_ip;
    struct text target_ip;
    struct text user_agent;
    struct text user;
    struct text host;
    struct text payload;
    struct record_texts indicators;
    struct event_context context;
    struct record_texts tags;
    struct text tenant;
    struct origin origin;
    int mode; /* enum event_mode */
    struct record_map fields;
    struct text raw_log;
};

extern const struct record_type event_type;

/* "LOW" … "CRITICAL"; false for anything else. */
extern const char *const event_levels[];
bool event_level_parse(struct text t, enum threat_level *level);

/* The Kafka key: source_ip, else host, else user, else event_id. */
struct text event_entity(const struct event *event);

/* event_id of what @rule_id found in the log at @origin with the Kafka timestamp @kafka_ms (-1:
 * none): the same log and rule give the same id. In @arena. */
struct text event_make_id(const struct origin *origin, int64_t kafka_ms, struct text rule_id,
                          struct arena *arena);
/* fingerprint, which equal content shares. @timestamp is the log's own text, @attack the part of
 * the event type behind the dot. In @arena. */
struct text event_make_fingerprint(struct text timestamp, struct text attack, struct text message,
                                   struct arena *arena);
