/* track: the windows and alerts of one rule in one group.
 *
 * Takes events in any order, judges the rule at the times whose answer they change, and keeps the
 * alerts of its slots in step (correlation.md). What is to be written, and when, is life.h's.
 */
#pragma once

#include "correlator/chain.h"
#include "correlator/life.h"
#include "correlator/plan.h"
#include "correlator/series.h"
#include "correlator/slots.h"

struct group;

struct track {
    int64_t due_ms; /* of silence; GROUP_NEVER: no timer */
    struct plan *plan;
    struct group *group;
    struct series series;  /* all that the rule selects */
    struct series *nested; /* of each nested count, owned */
    struct chain chain;    /* of temporal rules */
    struct slots slots;
    int64_t newest_ms;
    int64_t judged_ms;  /* of rules that wait: up to where they have been judged */
    int64_t gone_ms;    /* the newest that had to make room */
    int64_t touched_ms; /* wall time of the last event; 0: none since it was read */
    int64_t expires_ms; /* wall time, as it was read: when it can no longer matter; or 0 */
    size_t dropped;     /* by the last offer, to make room */
    bool is_crowded;    /* what had to make room would be in windows that may still be asked for */
    bool is_unwritten;  /* changed since the group's state was written, its alerts apart */
};

/* One event for one group: which selections it serves, by itself and through nested counts. */
struct offer {
    struct sighting *event;
    uint32_t selections;
    uint32_t nested;
    struct text value;                /* of a value_count; borrowed */
    int64_t number;                   /* of a value_sum and its like, in thousandths */
    const struct text *nested_values; /* of nested counts, borrowed */
};

struct track *track_new(struct plan *plan, struct group *group);
void track_free(struct track *track);

/* @limit: how many members it may have. */
enum outcome track_offer(struct track *track, const struct offer *offer, size_t limit,
                         int64_t lateness_ms, struct life *life);

/* What an offer that was taken, and the room that was made for it, did to the windows of another
 * correlator, of which members older than the newest by more than @keep_ms went: for windows that
 * are read from a state, where alerts are as they are written. */
void track_replay(struct track *track, const struct offer *offer, int64_t keep_ms);
void track_replay_room(struct track *track, size_t dropped);

/* The older half of its members goes, as if there were too many. False: there is but one. */
bool track_halve(struct track *track);

/* No more events are to come: what waits is judged. */
void track_settle(struct track *track, struct life *life);
/* None has come for long: the same, unless some may lie unread. Then it is asked again soon. */
void track_settle_silent(struct track *track, int64_t lateness_ms, struct life *life);
