/* sighting: what the correlator keeps of an event, shared by all the windows that it is in. */
#pragma once

#include "base/event.h"

/* Where fields of the event's stand in its payload (payload_state.h), once somebody has looked: an
 * event is written into several states. */
enum { FOLDED_MOST = 6 };
enum folded_known {
    FOLDED_UNKNOWN,
    FOLDED_KNOWN,
    FOLDED_OFTEN, /* more often than can be kept */
    FOLDED_NEVER, /* the payload has a byte that stands for a field */
};
struct folded {
    enum folded_known known;
    uint8_t count;
    uint8_t byte[FOLDED_MOST]; /* that stands for the field */
    uint16_t at[FOLDED_MOST];
};

enum { SIGHTING_TEXT_BYTES = 1024 }; /* of each text but event_id, tenant and payload */

/* Its texts are cut to what an alert carries; context, origin and raw_log are not kept. */
struct sighting {
    size_t users;
    uint64_t mark; /* of the last state that was written of it, and */
    size_t place;  /* where it stands in that */
    struct folded folded;
    struct event event;
};

/* A copy, with one user. */
struct sighting *sighting_new(const struct event *event);
struct sighting *sighting_share(struct sighting *sighting);
void sighting_leave(struct sighting *sighting); /* NULL is fine */

/* The one order of events: by time, then by the bytes of their ids. */
int sighting_compare(const struct sighting *a, int64_t at_ms, struct text event_id);
