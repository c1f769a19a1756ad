/* track_addition: what a batch brought to a rule's window and alerts, to be added to the group's
 * state that is stored.
 *
 * The window is brought on by doing the same to it once more; the head and the alerts that changed
 * are written anew.
 */
#pragma once

#include "correlator/group.h"
#include "correlator/slot_state.h"

/* What came to the track's group since the state was written, other rules' too. */
struct track_taken {
    const struct group_taken *items;
    size_t count;
};

/* Whether there is anything to add. */
bool track_addition_is_needed(const struct track *track);

/* The events that it names, in the order in which its reader is given them. */
void track_addition_events(const struct track *track, const struct track_taken *taken,
                           state_event *take, void *self);
void track_addition_write(const struct track *track, const struct track_taken *taken,
                          struct pack *pack);

/* What was new is so no more: it is written. */
void track_addition_done(struct track *track);

/* @track is as it was when the state was written, or new. unpack->is_broken: it is not to be
 * used. */
void track_addition_read(struct track *track, struct sighting *const *events, size_t count,
                         struct unpack *unpack);
