/* plan: how the windows of one rule are kept and judged, worked out once for each rule.
 *
 * A rule for single events (`event:<event_type>`, correlation.md) is a plan without a correlation.
 */
#pragma once

#include "base/arena.h"
#include "correlator/correlation.h"

enum outcome { OUTCOME_OPENED, OUTCOME_COUNTED, OUTCOME_WAITING, OUTCOME_REPEATED, OUTCOME_LATE };

/* What became of the events that a rule selects: selected is the sum of the others. */
struct plan_counts {
    uint64_t selected;
    uint64_t opened;   /* an alert */
    uint64_t counted;  /* in an alert that was open */
    uint64_t waiting;  /* in a window, and in no alert yet */
    uint64_t repeated; /* in the window already */
    uint64_t late;
    uint64_t missing; /* lacks a field of the group-by */
    /* No part of the sum. */
    uint64_t crowded;   /* groups with more members than the limit */
    uint64_t forgotten; /* alerts of groups with more of them than that */
};

/* One way for an event into the windows of a rule. */
struct plan_entry {
    const struct correlation_selection *selection; /* of events */
    const struct correlation *counted; /* whose `fields` the event must have: the rule or the count
                                          that it names */
    unsigned bit;                      /* which of the rule's selections */
    int nested;                        /* which of the nested counts; -1: none */
};

struct plan_nested {
    const struct correlation *count;
    unsigned bit;
};

struct plan {
    const struct correlation *rule; /* NULL: single events */
    struct text id;
    uint64_t shape; /* of a rule: shape.h */
    struct plan_entry *entries;
    size_t entry_count;
    struct plan_nested *nested;
    size_t nested_count;
    bool grows; /* more events can only make it true */
    int64_t timespan_ms;
    int64_t reach_ms; /* how far after an event the answer can change: timespan, and that of the
                         longest nested count */
    int64_t late_ms;  /* an event this much older than the newest is late, if by more */
    int64_t keep_ms;  /* members are kept this long: late_ms, or longer */
    int64_t slot_ms;  /* 0: each event is an alert of its own */
    struct plan_counts counts;
};

/* One event has come to @outcome, or lacks a field of the group-by. */
void plan_count(struct plan *plan, enum outcome outcome, bool crowds, size_t forgotten);
void plan_count_missing(struct plan *plan);

/* Of single events. */
struct text plan_type(const struct plan *plan);

/* In @arena, as are the next's. @lateness_ms is max_lateness. */
struct plan *plan_of_rule(const struct correlation *rule, int64_t lateness_ms, struct arena *arena);
/* For single events of @type, which is copied. */
struct plan *plan_of_type(struct text type, int64_t slot_ms, int64_t lateness_ms,
                          int64_t types_window_ms, struct arena *arena);
