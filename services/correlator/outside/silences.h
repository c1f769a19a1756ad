/* silences: judges `expect:` rules once a second, by what detectors say in Redis (base/watch.h),
 * together with all other correlators: each alert is one's (silence.h).
 *
 * Where no rule has an expect, nothing is asked.
 */
#pragma once

#include "correlator/correlations.h"
#include "correlator/silence.h"
#include "io/redis.h"
#include "io/worker.h"

struct silences;

struct silences_settings {
    int64_t lease_ms;          /* for Kafka to have an alert */
    int64_t unjudged_after_ms; /* of logs that nobody can judge */
    const struct actions *actions;
    enum actions_language language;
};

/* @redis is borrowed, @metrics may be NULL. */
struct silences *silences_open(struct redis *redis, struct metrics *metrics);
void silences_close(struct silences *silences); /* NULL is fine */

/* These rules are in force; borrowed until the next call. @now_ms: from now on. */
void silences_change_rules(struct silences *silences, const struct correlations *rules,
                           const struct silences_settings *settings, int64_t now_ms);

/* Judges. Its alerts are to be sent, each with its receipt (silences_receipt()). */
int silences_tick(struct silences *silences, int64_t now_ms, struct error *err);
/* Until anything else is called. */
size_t silences_take(struct silences *silences, const struct alert **alerts);
struct receipt silences_receipt(struct silences *silences, size_t alert);
