/* life: when an alert is sent, and as which revision.
 *
 * At once when it opens; what changes later waits for update_every; a last time once settle after
 * its slot's end. The last revision always equals the state.
 *
 * Where others may have to go on with the state (lease_ms), what a timer sends is kept as not
 * confirmed until Kafka has it: if nobody says so in time, it is sent once more, as the next
 * revision, so that no revision ever says two things. What an event opened needs no such care: its
 * offset is stored only when Kafka has the alert, and until then the event comes again.
 */
#pragma once

#include "base/alert.h"
#include "correlator/actions.h"
#include "correlator/slots.h"

struct life_settings {
    int64_t update_every_ms;
    int64_t settle_ms;
    bool only_last;          /* nothing is sent before life_end() */
    int64_t lease_ms;        /* for a confirmation; 0: none is waited for */
    int64_t decision_ttl_ms; /* how long an event is known that opened an alert; 0: not at all */
    size_t fill;             /* so many alerts and no timer makes more; 0: no matter how many */
    const struct actions *actions;
    enum actions_language language;
};

/* Starts as {.settings = …, .arena = …, .read_ms = …}. */
struct life {
    struct life_settings settings;
    int64_t now_ms;
    int64_t read_ms;      /* event time up to which all there is has been read: of timers */
    struct text event_id; /* of the event at hand, borrowed; empty: a timer is */
    struct arena *arena;  /* of the alerts */
    struct alert *alerts;
    size_t count;
    size_t capacity;
};

void life_done(struct life *life);

void life_open(struct life *life, struct slot *slot);
void life_change(struct life *life, struct slot *slot);
bool life_has_its_fill(const struct life *life);
/* What is due is done. */
void life_fire(struct life *life, struct slot *slot);
/* Kafka has @revision, or a later one that says the same. */
void life_confirm(struct life *life, struct slot *slot, int64_t revision);
/* The event at hand comes again: if it opened alerts of the track, they are sent as they were
 * opened, revision 0. True if it did. */
bool life_repeat(struct life *life, struct track *track);
/* No more is to come: sent a last time, if that says anything new. */
void life_end(struct life *life, struct slot *slot);
