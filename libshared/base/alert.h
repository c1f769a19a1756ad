/* alert: what a rule says about one or many events (schemas/alert.avsc). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/event.h"
#include "base/record.h"
#include "base/text.h"

enum alert_status { ALERT_NEW, ALERT_UPDATE, ALERT_RESOLVED };

enum {
    ALERT_MAX_EVENT_IDS = 100,
    ALERT_PAYLOAD_CHARACTERS = 500,
};

/* Texts are borrowed. Identity is (alert_id, revision). */
struct alert {
    struct text alert_id;
    int64_t revision;  /* 0 is new */
    int64_t timestamp; /* of the log that opened it: the earliest event's */
    int severity;      /* enum threat_level */
    struct text title;
    struct text description;
    struct text source_ip; /* this and the next three: null unless all events agree */
    struct text target_ip;
    struct text user;
    struct text host;
    double confidence;
    struct record_texts indicators;
    struct text raw_payload;
    struct record_texts recommended_actions;
    struct text rule_id;        /* of the correlation, or event:<event_type> */
    struct text correlation_id; /* the same; null for a single event's alert */
    struct record_texts event_types;
    struct record_texts event_ids; /* the earliest ALERT_MAX_EVENT_IDS */
    int64_t event_count;
    bool count_exact;
    int64_t first_seen;
    int64_t last_seen;
    int status;            /* enum alert_status */
    struct text continues; /* alert_id of the slot before, or null */
    int mode;              /* enum event_mode */
    struct record_texts tags;
    struct text tenant;
    struct record_map group; /* names and values, by names */
    struct text group_key;   /* the Kafka key: the group's id */
    int64_t emitted_at;

    struct text json; /* no field: the JSON that it was read from, where that may stand for it;
                         who changes a field empties it */
};

extern const struct record_type alert_type;

/* As record_json_write(), or @json where it has some. */
void alert_write_json(const struct alert *alert, struct buf *out);

/* "new", "update", "resolved". */
extern const char *const alert_statuses[];

/* alert_id of the rule's slot that begins at @slot_ms: SEC- and MD5 over the parts, each as its
 * length in bytes, ':' and its bytes. In @arena. */
struct text alert_make_id(struct text tenant, struct text rule_id, struct text group_id,
                          int64_t slot_ms, struct arena *arena);
/* The same for a rule whose events are alerts of their own: the event's id in the slot's place. */
struct text alert_make_event_id(struct text tenant, struct text rule_id, struct text group_id,
                                struct text event_id, struct arena *arena);
/* And of an event that is an alert by itself: SEC-<event_id>. */
struct text alert_make_single_id(struct text event_id, struct arena *arena);

/* The first ALERT_PAYLOAD_CHARACTERS characters; a byte that is in none counts as one. Borrowed. */
struct text alert_cut_payload(struct text payload);
