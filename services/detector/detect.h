/* detect: from an entry to its events. What detector and `haechi scan` share.
 *
 * Three steps, so that a batch needs one round trip to Redis: detect_match() for every log of a
 * batch; the caller fills in what it looked up (context.recent_events); detect_finish() weighs the
 * context and fixes confidence and indicators.
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
    struct text_list high_risk_countries;
    struct text_list event_fields;
};

struct detect_origin {
    struct text cluster, topic;
    int64_t partition, offset, index;
    int64_t kafka_ms; /* -1: none */
    int64_t now_ms;
};

struct detect;

/* Settings are checked (ranges are CIDRs) and borrowed. */
struct detect *detect_new(const struct detect_settings *settings, struct error *err);
void detect_free(struct detect *detect);
AUTO_FREE(detect)

/* One draft event a hit, in @arena. */
size_t detect_match(const struct detect *detect, const struct engine *engine,
                    struct engine_scratch *scratch, const struct source *source,
                    const struct entry *entry, const struct detect_origin *origin,
                    struct arena *arena, struct event **events);

/* What an address is, as the caller's databases have it; all optional. */
struct detect_lookups {
    bool (*place)(void *self, const struct address *address, struct text *country, int64_t *asn,
                  bool *anonymous, bool *tor);
    bool (*reputation)(void *self, const struct address *address, double *score);
    void *self;
};

/* @event->context.recent_events is set by the caller (RECORD_NULL: not known), and enrichment. */
void detect_finish(const struct detect *detect, const struct detect_lookups *lookups,
                   struct event *event, struct arena *arena);
