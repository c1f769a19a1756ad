/* life: when an alert is sent, and as which revision.
 *
 * At once when it opens; what changes later waits for update_every; a last time once settle after
 * its slot's end. The last revision always equals the state.
 */
#pragma once

#include "base/alert.h"
#include "correlator/actions.h"
#include "correlator/slots.h"
#include "correlator/timers.h"

struct life_settings {
    int64_t update_every_ms;
    int64_t settle_ms;
    bool only_last; /* nothing is sent before life_end() */
    const struct actions *actions;
    enum actions_language language;
};

/* Starts as {.settings = …, .arena = …}. */
struct life {
    struct life_settings settings;
    int64_t now_ms;
    struct timers timers;
    struct arena *arena; /* of the alerts */
    struct alert *alerts;
    size_t count;
    size_t capacity;
};

void life_done(struct life *life);

void life_open(struct life *life, struct slot *slot);
void life_change(struct life *life, struct slot *slot);
/* Its timer rang. */
void life_fire(struct life *life, struct slot *slot);
/* No more is to come: sent a last time, if that says anything new. */
void life_end(struct life *life, struct slot *slot);
