/* gist: what the events of an alert come to: how many, the earliest, what they agree on.
 *
 * The same whatever the order in which they are added; the events themselves need not be kept.
 */
#pragma once

#include "base/alert.h"
#include "correlator/sighting.h"

/* What an alert says of its events only if they agree. */
enum gist_field { GIST_SOURCE_IP, GIST_TARGET_IP, GIST_USER, GIST_HOST, GIST_FIELDS };

enum { GIST_MAX_TYPES = 100 };

struct gist_id {
    int64_t at_ms;
    struct text event_id; /* owned */
};

/* Starts as {0}. */
struct gist {
    int64_t count;
    struct sighting *earliest; /* a user of it; NULL while there is none */
    struct gist_id *ids;       /* the earliest ALERT_MAX_EVENT_IDS in order, owned */
    size_t id_count, id_capacity;
    bool has_new_ids;   /* since its state was written */
    struct text *types; /* sorted, the first GIST_MAX_TYPES by bytes, owned with their bytes */
    size_t type_count, type_capacity;
    bool differs[GIST_FIELDS];
    int level;         /* the highest */
    double confidence; /* the highest */
};

void gist_done(struct gist *gist);
/* Nothing is in it any more, but perhaps the ids. */
void gist_clear(struct gist *gist, bool keeps_ids);

/* An event that is not in it yet. */
void gist_add(struct gist *gist, struct sighting *sighting);
/* Adds all of @other, which has no event in common with it. */
void gist_merge(struct gist *gist, const struct gist *other);

/* What is read from a state: behind what is there. False: it does not belong there. */
bool gist_append_type(struct gist *gist, struct text type);
bool gist_append_id(struct gist *gist, int64_t at_ms, struct text event_id);

/* Empty unless all events agree. Borrowed. */
struct text gist_value(const struct gist *gist, enum gist_field field);
