/* track_state: a rule's window and alerts in a group's state.
 *
 * The events stand in the state once for all rules; a track names them by their places in a list
 * that its reader is given, in the order of track_state_events().
 */
#pragma once

#include "correlator/pack.h"
#include "correlator/track.h"

typedef void track_state_event(void *self, struct sighting *event);
/* All events that the track knows. */
void track_state_events(const struct track *track, track_state_event *take, void *self);

void track_state_write(const struct track *track, struct pack *pack);

/* Fills @track, which is new. @events are those that track_state_events() gave when it was
 * written. unpack->is_broken: it is not to be used. */
void track_state_read(struct track *track, struct sighting *const *events, size_t count,
                      struct unpack *unpack);
