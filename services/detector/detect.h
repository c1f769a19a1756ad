/* detect: from an entry to its events. What detector and `haechi scan` share.
 *
 * Three steps, so that a batch needs one round trip to Redis: detect_match() for every log of a
 * batch; the caller fills in what it looked up (context.recent_events); detect_finish() weighs the
 * context and fixes confidence and indicators. Never reads a clock.
 */
#pragma once

#include "base/address.h"
#include "base/event.h"
#include "detector/engine.h"
#include "detector/source.h"

struct detect_settings {
    int64_t max_payload_bytes;
    int64_t max_raw_bytes;
    int64_t max_skew_ms;
    double timing_threshold;
    struct text_list low_reputation_ranges;
    struct text_list high_risk_countries; /* ISO 3166-1 alpha-2 */
    struct text_list event_fields;        /* names for entry_get() */
};

/* Where a log stood: in Kafka, or in a file: @topic is then its name, @offset the number of the
 * line, all else empty or 0 and @kafka_ms -1. */
struct detect_origin {
    struct text cluster, topic;
    int64_t partition, offset, index;
    int64_t kafka_ms; /* -1: none */
    int64_t now_ms;
};

/* One rule that fired on one log. */
struct detection {
    struct event event;
    const struct rule *rule;
    bool clock_ahead;  /* the log's time was not believed, as it is ahead of Kafka's */
    bool clock_broken; /* Kafka's time was not, as it is ahead of ours */
};

struct detect;

/* Checks of settings (settings.h): an address or a range; a country's code. */
int detect_check_range(const char *name, const char *value, struct error *err);
int detect_check_country(const char *name, const char *value, struct error *err);

/* @settings are borrowed. NULL with @err: a range that is none, a country that is no code. */
struct detect *detect_new(const struct detect_settings *settings, struct error *err);
void detect_free(struct detect *detect); /* NULL is fine */
AUTO_FREE(detect)

/* @entry is source_parse()'s or source_parse_message()'s; it is made whole if a rule needs that or
 * fires.
 *
 * One detection a hit, in @arena, as are those of its texts that are not borrowed from @entry and
 * the rule. Its event lacks what detect_finish() adds.
 *
 * Fields of the log that are absent are filled from the rule's named groups (source_ip, target_ip,
 * user_agent, user, host); a field that the log itself has is never overruled, since a line's text
 * is easier to forge than a shipper's field. Addresses are written in their canonical form without
 * a port, so that one address is one entity. */
size_t detect_match(const struct detect *detect, const struct engine *engine,
                    struct engine_scratch *scratch, const struct source *source,
                    struct entry *entry, const struct detect_origin *origin, struct arena *arena,
                    struct detection **detections);

/* What an address is, as the caller's databases have it; all optional. */
struct detect_lookups {
    bool (*place)(void *self, const struct address *address, struct text *country, int64_t *asn,
                  bool *anonymous, bool *tor);
    bool (*reputation)(void *self, const struct address *address, double *score);
    void *self;
};

/* @event->context.recent_events is set by the caller (RECORD_NULL, as it was: not known), and
 * enrichment. @lookups NULL: none. */
void detect_finish(const struct detect *detect, const struct detect_lookups *lookups,
                   struct event *event, struct arena *arena);
