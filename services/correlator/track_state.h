/* track_state: a rule's window and alerts in a group's state.
 *
 * The events stand in the state once for all rules; a track names them by their places in a list
 * that its reader is given, in the order of track_state_events().
 */
#pragma once

#include "correlator/slot_state.h"

/* All events that the track knows. */
void track_state_events(const struct track *track, state_event *take, void *self);

void track_state_write(const struct track *track, struct pack *pack);

/* Fills @track, which is new. @events are those that track_state_events() gave when it was
 * written. unpack->is_broken: it is not to be used. */
void track_state_read(struct track *track, struct sighting *const *events, size_t count,
                      struct unpack *unpack);

/* Parts of it that additions have, too (track_addition.h). */

/* All but windows and alerts. */
void track_state_write_head(const struct track *track, struct pack *pack);
void track_state_read_head(struct track *track, struct unpack *unpack);
/* No member is newer than newest_ms. */
bool track_state_is_newest(const struct track *track);

/* What members have besides their event. */
bool track_state_has_numbers(const struct plan *plan);
bool track_state_has_selections(const struct plan *plan);
/* The value of a value_count is mostly a field of its event. What is read is borrowed from the
 * event or the bytes. */
void track_state_write_value(const struct sighting *event, struct text value, struct pack *pack);
struct text track_state_read_value(const struct sighting *event, struct unpack *unpack);
