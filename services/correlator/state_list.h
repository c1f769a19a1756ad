/* state_list: the events of a part of a group's state, each once, and who names which.
 */
#pragma once

#include "correlator/event_state.h"

struct sightings {
    struct sighting **items; /* owned; the sightings are not */
    size_t count, capacity;
};

void state_list_append(struct sightings *list, struct sighting *event);
/* When the last of them was, which times of who names them are near to; 0: there is none. */
int64_t state_list_last_ms(const struct sightings *list);

/* Starts as {0}. */
struct state_list {
    struct sightings events; /* each once; of what is read, a user of each */
    uint64_t mark;           /* of the events of the part being written */
    struct payload_state payloads;
    unsigned shown; /* enum event_state_shown */
};

void state_list_done(struct state_list *list);

/* Writing: begin, add all, write, then the places of each who names some. */
void state_list_begin(struct state_list *list);
/* One that is there already stays there once. */
void state_list_add(struct state_list *list, struct sighting *event);
void state_list_write(struct state_list *list, struct pack *pack);
void state_list_write_places(const struct sightings *named, struct pack *pack);

/* Texts and lists of what is read are copied. */
void state_list_read(struct state_list *list, struct text tenant, struct unpack *unpack);
/* Those that were named, into @named; borrowed. */
void state_list_read_places(const struct state_list *list, struct sightings *named,
                            struct unpack *unpack);
/* Nobody needs what was read any more. */
void state_list_leave(struct state_list *list);
