/* slots: the alerts of one rule and group: which time they cover, and what lies in it.
 *
 * A slot in which the rule holds has one alert. It covers from the earliest event in the window of
 * the first time at which the rule holds to the last such time.
 */
#pragma once

#include "correlator/gist.h"

struct track;
struct life;
struct member;

struct slot {
    struct track *track;
    int64_t start_ms;       /* where events are alerts of their own: the event's time */
    struct sighting *event; /* there, the event; else NULL */
    int64_t first_hold_ms;
    int64_t first_ms, last_ms; /* what the alert covers, both ends included */
    struct gist gist;          /* of what it covers */
    struct gist after;         /* of what was forgotten and lies after it in the slot */
    bool has_several_types;
    bool is_inexact; /* opened, or changed, while its group was crowded */
    /* Of its life (life.h). */
    int64_t revision;
    int64_t sent_ms;
    int64_t settle_ms;
    int64_t due_ms; /* GROUP_NEVER: no timer */
    int64_t opened_ms;
    struct text opener; /* the event_id at which it opened, owned; empty: not kept */
    int status;         /* enum alert_status, as last sent */
    bool is_changed;
    bool is_unconfirmed; /* what was sent last */
    bool is_dormant;     /* has said its last, which nothing can change: the gists are gone */
    bool is_unwritten;   /* changed since the group's state was written */
};

struct slots {
    struct slot **items; /* in order, owned */
    size_t count;
    size_t capacity;
};

void slots_done(struct slots *slots);

/* The alerts before and after one; NULL: there is none. */
struct slot *slots_before(const struct slot *slot);
struct slot *slots_after(const struct slot *slot);

/* A new member counts in alerts that cover its time. True if there is one. */
bool slots_count(struct track *track, struct sighting *event, struct life *life);

/* The rule holds at @first_ms, at @last_ms and perhaps between, all of one slot. */
struct slots_change {
    bool opened, counted;
};
void slots_hold(struct track *track, int64_t first_ms, int64_t last_ms, struct slots_change *change,
                struct life *life);

/* Up to where, from @at_ms on, it changes no alert whether the rule holds: between the first and
 * the last time at which it is known to. @at_ms - 1: it does. */
int64_t slots_known_until(const struct track *track, int64_t at_ms);

/* A late event that is an alert by itself: opens its slot if that has no alert. */
void slots_open_late(struct track *track, struct sighting *event, struct life *life);

/* A member is forgotten. */
void slots_forget(struct track *track, const struct member *member);

/* An event of another type at @at_ms: the alerts with an event within @window_ms say so. */
void slots_mix(struct track *track, int64_t at_ms, int64_t window_ms, struct life *life);

/* It has said its last: what it covered is forgotten. */
void slots_sleep(struct slot *slot);

/* Those that have said their last, and that nothing in the promise can change, forget what they
 * covered; those whose event need no longer be known by @opened_before_ms go, many at once. */
void slots_retire(struct track *track, int64_t opened_before_ms);

/* Makes at most @limit slots of them: of those that have said their last the oldest go, then the
 * oldest of all, which say it now. Returns how many went. */
size_t slots_make_room(struct track *track, size_t limit, struct life *life);

/* A slot of a state that is read: behind the others. NULL: it would not come after them. */
struct slot *slots_append(struct track *track, int64_t start_ms, struct sighting *event);

/* The slot that begins at @start_ms, or is the event's; made if there is none. */
struct slot *slots_take(struct track *track, int64_t start_ms, struct sighting *event);

/* Where the slot of @at_ms begins. */
int64_t slots_start(int64_t at_ms, int64_t slot_ms);
