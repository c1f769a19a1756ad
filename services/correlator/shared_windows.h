/* shared_windows: the windows of many correlators, whose state is in a store (correlation.md).
 *
 * The same windows as in memory (windows.h), but what is remembered of a group is written to the
 * store with every batch, and taken from there when somebody else wrote since:
 *
 *     for each batch:
 *         which groups does each event concern?
 *         each group, as it was last seen (or as if it were new), takes its events
 *         all groups are offered to the store in one round trip
 *         those that others have changed are taken as they are there, take their events again, and
 *         are offered again, until none is left
 *
 * In the steady state that is one round trip a batch. Alerts and counts are those of the attempts
 * that were written.
 *
 * Windows look at event time only; @now_ms is wall time and decides when alerts are sent. Not
 * thread-safe.
 */
#pragma once

#include "correlator/store.h"
#include "correlator/windows.h"

struct shared_windows_settings {
    struct windows_settings windows; /* only_last is of no meaning */
    /* How long an event that opened an alert is known to have done so: if it comes again (a
     * correlator died before Kafka had the alert), revision 0 of that alert is sent again. */
    int64_t decision_ttl_ms;
    /* What a state outlives, in wall time, beyond the time for which its windows reach back: how
     * long correlators may stand still, or events be held up, without a window being lost. */
    int64_t standstill_ms;
    /* How long an alert that a timer made may take to be acknowledged (shared_windows_confirm()),
     * before it is made again as the next revision. */
    int64_t lease_ms;
    size_t cache_bytes; /* of groups that are remembered in memory, about */
    size_t add_from;    /* states of so many bytes are added to, shorter ones written anew */
};
#define SHARED_DEFAULTS                                                                \
    ((struct shared_windows_settings){.windows = WINDOWS_DEFAULTS,                     \
                                      .decision_ttl_ms = INT64_C(24) * 60 * 60 * 1000, \
                                      .standstill_ms = INT64_C(60) * 60 * 1000,        \
                                      .lease_ms = INT64_C(30) * 1000,                  \
                                      .cache_bytes = (size_t)256 * 1024 * 1024,        \
                                      .add_from = 640})

/* Of all calls so far. */
struct shared_totals {
    struct windows_totals windows; /* groups: in the cache */
    uint64_t batches;              /* fed and written */
    uint64_t rounds;               /* round trips for them: as many, where nobody else writes */
    uint64_t writes;
    uint64_t additions; /* of those, what was added to a state that is stored */
    uint64_t conflicts; /* writes that were made again because somebody else had written */
    uint64_t cache_hits, cache_misses;
    uint64_t cache_bytes;       /* now, about */
    uint64_t unreadable_states; /* begun anew */
    uint64_t huge_states;       /* that lost their oldest events */
    uint64_t timers_fired;
    uint64_t state_bytes; /* written */
};

/* An alert, and the event of the batch at which it was made. */
struct shared_alert {
    struct alert *alert;
    size_t event; /* its place in what was fed; of shared_windows_fire(): 0 */
};

/* What Kafka acknowledged of what shared_windows_fire() made. */
struct shared_receipt {
    char group_id[GROUP_ID_SIZE]; /* group_key of the alert */
    struct text alert_id;
    int64_t revision;
};

struct shared_windows;

/* @rules are linked; all arguments are borrowed. @seed makes versions that no other correlator's
 * are like: random. */
struct shared_windows *shared_windows_new(const struct correlations *rules,
                                          const struct shared_windows_settings *settings,
                                          struct store *store, uint64_t seed);
void shared_windows_free(struct shared_windows *windows); /* NULL is fine */
AUTO_FREE(shared_windows)

/* On failure it is unknown what was written, there are no alerts, nothing is counted, and the same
 * events are to be fed again, by this correlator or another. */
int shared_windows_feed(struct shared_windows *windows, const struct event *events, size_t count,
                        int64_t now_ms, struct error *err);

/* Takes up to @most groups whose timers are due at @now_ms, and does what is due, knowing that all
 * events up to @read_ms have been read (INT64_MAX: all; INT64_MIN: nobody knows). *@count: how many
 * there were; less than @most: no more are due. Their alerts are to be confirmed. On failure, and
 * where none confirms, they are made again after lease_ms, as the next revision. */
int shared_windows_fire(struct shared_windows *windows, int64_t now_ms, int64_t read_ms,
                        size_t most, size_t *count, struct error *err);

/* Kafka has these alerts: they will not be made again. On failure they will, as the next revision:
 * that does no harm. */
int shared_windows_confirm(struct shared_windows *windows, const struct shared_receipt *receipts,
                           size_t count, int64_t now_ms, struct error *err);

/* The alerts of the last feed() or fire(), in the order in which they are to be sent. They live
 * until anything else is called. */
size_t shared_windows_take(struct shared_windows *windows, const struct shared_alert **alerts);

struct shared_totals shared_windows_totals(const struct shared_windows *windows);
/* What each rule made of its events, as windows_rules(), windows_rule(). */
size_t shared_windows_rules(const struct shared_windows *windows);
const struct plan *shared_windows_rule(const struct shared_windows *windows, size_t i);

/* Other rules are in force from the next call on; those of before are no longer needed. Windows of
 * rules that did not change go on (group_state.h). */
void shared_windows_change_rules(struct shared_windows *windows, const struct correlations *rules,
                                 const struct windows_settings *settings);
