/* slot_state: an alert in a group's state.
 *
 * Events that it knows stand elsewhere in the state: it names those that its rule's window has by
 * their places there, and takes others from a list, in the order of slot_state_events().
 *
 * As an addition to a state that is stored (track_addition.h) it says all anew but for the ids that
 * have not changed.
 */
#pragma once

#include "correlator/pack.h"
#include "correlator/track.h"

typedef void state_event(void *self, struct sighting *event);
void slot_state_events(const struct slot *slot, state_event *take, void *self);

void slot_state_write(const struct slot *slot, bool is_addition, struct pack *pack);

/* Those that are still to be met. */
struct state_events {
    struct sighting *const *items;
    size_t count;
};

/* NULL, and @unpack broken: there is none. */
struct sighting *slot_state_next_event(struct state_events *events, struct unpack *unpack);

/* Reads the next alert of @track, whose window is there. Without is_addition it must come behind
 * the others. unpack->is_broken: it is not to be used. */
void slot_state_read(struct track *track, struct state_events *events, bool is_addition,
                     struct unpack *unpack);
