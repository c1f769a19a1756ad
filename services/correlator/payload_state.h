/* payload_state: payloads in a group's state: what is alike in the one before, and what the event's
 * fields say anyway, is not written again.
 */
#pragma once

#include "correlator/pack.h"
#include "correlator/sighting.h"

/* Starts as {0}. */
struct payload_state {
    struct buf folded[2]; /* of the event at hand and the one before */
    unsigned at;
};

void payload_state_done(struct payload_state *state);
void payload_state_begin(struct payload_state *state);

/* Events in the order of event_state_write(); the other fields of the event are those that
 * payload_state_read() will see. */
void payload_state_write(struct payload_state *state, struct sighting *sighting, struct pack *pack);
/* In unpack->copies. */
struct text payload_state_read(struct payload_state *state, const struct event *event,
                               struct unpack *unpack);
