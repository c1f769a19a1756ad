/* windows: events in, alerts out: what the correlator remembers, in memory (correlation.md).
 *
 * The final set of alerts, the last revision of each alert_id, is a function of the set of events,
 * whatever their order, as long as those of a group come out of order by at most max_lateness of
 * event time, and however they are cut into batches or repeated.
 *
 * Time is an argument and only decides when an alert is sent, never what it says. Memory grows with
 * the number of groups and alerts; each group's windows are bounded. Not thread-safe.
 */
#pragma once

#include "base/alert.h"
#include "correlator/actions.h"
#include "correlator/assort.h"
#include "correlator/correlations.h"

struct windows_settings {
    int min_level; /* enum threat_level: events of at least this are alerts by themselves */
    int64_t max_lateness_ms;
    int64_t suppress_ms; /* slots of single events; 0: each is an alert */
    int64_t update_every_ms;
    int64_t settle_ms;
    int64_t types_window_ms;       /* of "several attack types" */
    size_t members;                /* of a rule and group */
    bool only_last;                /* alerts come once, at windows_finish() */
    const struct actions *actions; /* borrowed; NULL: rules' own only */
    enum actions_language language;
};
#define WINDOWS_DEFAULTS                                          \
    ((struct windows_settings){.min_level = LEVEL_HIGH,           \
                               .max_lateness_ms = 10 * 60 * 1000, \
                               .suppress_ms = 60 * 60 * 1000,     \
                               .update_every_ms = 5 * 60 * 1000,  \
                               .settle_ms = 2 * 60 * 1000,        \
                               .types_window_ms = 5 * 60 * 1000,  \
                               .members = 20000})

#define WINDOWS_EARLIEST_MS ASSORT_EARLIEST_MS
#define WINDOWS_LATEST_MS ASSORT_LATEST_MS

struct windows_totals {
    uint64_t events; /* judged, shadow and refused together */
    uint64_t shadow;
    uint64_t refused; /* for their time or their empty event_id */
    uint64_t groups;  /* that are remembered */
};

/* What the parts go by. */
struct router_settings windows_router(const struct windows_settings *settings);
struct group_limits windows_limits(const struct windows_settings *settings);
struct life_settings windows_life(const struct windows_settings *settings);

struct windows;

/* @rules are linked and borrowed; NULL: single events only. */
struct windows *windows_new(const struct correlations *rules,
                            const struct windows_settings *settings);
void windows_free(struct windows *windows); /* NULL is fine */
AUTO_FREE(windows)

/* What needs keeping of the events is copied. */
void windows_feed(struct windows *windows, const struct event *events, size_t count,
                  int64_t now_ms);
/* It is @now_ms: what is due is sent. */
void windows_advance(struct windows *windows, int64_t now_ms);
/* No more events will come: what waits is judged, and every alert says its last. */
void windows_finish(struct windows *windows, int64_t now_ms);

/* The alerts since the last call, in the order in which they are to be sent; those of
 * windows_finish() by first_seen and alert_id. They live until anything else is called. */
size_t windows_take(struct windows *windows, struct alert **alerts);

struct windows_totals windows_totals(const struct windows *windows);
/* What each rule made of its events, rules of single events behind the others; how many rules. */
size_t windows_rules(const struct windows *windows);
const struct plan *windows_rule(const struct windows *windows, size_t i);
