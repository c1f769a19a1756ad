/* group: events that belong together, with the windows of every rule that groups them so. */
#pragma once

#include "base/group_id.h"
#include "correlator/attack_types.h"
#include "correlator/timers.h"
#include "correlator/track.h"

#define GROUP_NEVER INT64_MAX /* no timer */

/* What all groups go by. */
struct group_limits {
    size_t members; /* of a rule and group, and as many alerts */
    int64_t lateness_ms;
    int64_t types_keep_ms; /* how long it is known which types of attack were seen */
};

/* What an event brings to a group. */
struct share {
    struct plan *plan;  /* whose windows; NULL: only its type of attack is noted */
    struct offer offer; /* of @plan */
    struct text type;   /* where @plan is NULL, the event's type, time and id */
    int64_t at_ms;
    struct text event_id;
};

/* What became of it. */
struct share_result {
    enum outcome outcome; /* where it has a plan */
    bool crowds;          /* the windows are now over their limit */
    size_t dropped;       /* members, to make room */
    size_t forgotten;     /* alerts, to make room */
};

/* One share, and what became of it. */
struct group_taken {
    const struct share *share;
    struct share_result result;
};

/* A rule's part of a state that this correlator cannot read, as it came (group_state.h). */
struct group_stranger {
    struct text rule, body;   /* owned */
    struct sighting **events; /* that it names: users of them, owned */
    size_t count;
    int64_t expires_ms; /* wall time */
    bool is_addition;   /* to the one before */
};

struct group {
    struct timer timer; /* in memory; first, so that a timer is a group */
    int64_t due_ms;     /* nothing of its rules and alerts is due before; GROUP_NEVER: nothing is */
    char id[GROUP_ID_SIZE];
    struct text key; /* its parts joined as the id's are; what it is found by */
    struct text tenant;
    struct text *names; /* of the group-by, sorted */
    struct text *values;
    size_t count;
    struct track **tracks; /* owned */
    size_t track_count, track_capacity;
    struct group_stranger *strangers; /* owned */
    size_t stranger_count, stranger_capacity;
    struct attack_types types; /* of an entity */
    int64_t types_window_ms;
    /* Of its state as it is stored (group_state.h): sizes in bytes, 0 until there is one. */
    size_t whole_size, added_size;
    size_t memory; /* that it takes, about */
    bool is_cut;   /* some of what is stored is gone here: it cannot be added to */
};

/* The key of a group: appended to @key. */
void group_write_key(struct text tenant, const struct text *names, const struct text *values,
                     size_t count, struct buf *key);

/* All is copied. */
struct group *group_new(struct text key, struct text tenant, const struct text *names,
                        const struct text *values, size_t count, int64_t types_window_ms);
void group_free(struct group *group); /* NULL is fine */

/* Made if there is none. */
struct track *group_track(struct group *group, struct plan *plan);

struct share_result group_take(struct group *group, const struct share *share,
                               const struct group_limits *limits, struct life *life);

/* What is due is done: a rule that waits is judged only where what @life has read is behind it by
 * more than max_lateness, since its events may lie unread. Unless life has its fill of alerts: then
 * the rest stays due. Afterwards due_ms is exact. */
void group_fire(struct group *group, const struct group_limits *limits, struct life *life);

/* Kafka has @revision of @alert_id. */
struct group_receipt {
    struct text alert_id; /* borrowed */
    int64_t revision;
};
/* @receipts: sorted by alert_id. */
void group_confirm(struct group *group, const struct group_receipt *receipts, size_t count,
                   struct life *life);
/* Nothing more is to come. */
void group_finish(struct group *group, struct life *life);

/* Of what outlives its use: in wall time. */
struct group_keeping {
    int64_t decision_ttl_ms; /* how long it is known which event opened an alert */
    int64_t standstill_ms;   /* on top of all windows: how long correlators may stand still */
    int64_t types_keep_ms;
    size_t add_from; /* states of so many bytes are added to, shorter ones written anew */
};

/* What can no longer matter at @now_ms is forgotten. Returns when the last of the rest may be. */
int64_t group_retire(struct group *group, const struct group_keeping *keeping, int64_t now_ms);

/* Its state is too large: of each rule the older half of its members and alerts goes, as when there
 * are too many. False: it has none to spare. It is to be written as a whole. */
bool group_shrink(struct group *group, struct life *life);

/* Makes due_ms exact. */
void group_find_due(struct group *group);
/* Something of it is due at @due_ms. */
void group_wake(struct group *group, int64_t due_ms);

/* Is there an event of another type than the plan's near @at_ms? */
bool group_has_other_type(const struct group *group, const struct plan *plan, int64_t at_ms);
