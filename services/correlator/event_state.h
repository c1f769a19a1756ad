/* event_state: events in a group's state: each once, with what differs from the one before.
 */
#pragma once

#include "correlator/payload_state.h"
#include "correlator/sighting.h"

/* What alerts show only where a rule's texts ask for it; anything else is always kept. */
enum event_state_shown {
    EVENT_STATE_FINGERPRINT = 1,
    EVENT_STATE_TITLE = 2,
    EVENT_STATE_AGENT = 4,
    EVENT_STATE_FIELDS = 8,
};

/* @before is NULL for the first. Of the event's own texts, pack keeps those that may come again. */
void event_state_write(struct pack *pack, struct payload_state *payloads, struct sighting *sighting,
                       const struct event *before, unsigned shown);

/* Lists are in @arena, texts in it or the bytes. The time is one that events may have. */
void event_state_read(struct unpack *unpack, struct payload_state *payloads,
                      const struct event *before, struct text tenant, struct event *event,
                      struct arena *arena);
