/* group: events that belong together, with the windows of every rule that groups them so. */
#pragma once

#include "base/group_id.h"
#include "correlator/attack_types.h"
#include "correlator/track.h"

struct group {
    char id[GROUP_ID_SIZE];
    struct text key; /* its parts joined as the id's are; what it is found by */
    struct text tenant;
    struct text *names; /* of the group-by, sorted */
    struct text *values;
    size_t count;
    struct track **tracks; /* owned */
    size_t track_count, track_capacity;
    struct attack_types types; /* of an entity */
    int64_t types_window_ms;
};

/* The key of a group: appended to @key. */
void group_write_key(struct text tenant, const struct text *names, const struct text *values,
                     size_t count, struct buf *key);

/* All is copied. */
struct group *group_new(struct text key, struct text tenant, const struct text *names,
                        const struct text *values, size_t count, int64_t types_window_ms);
void group_free(struct group *group, struct life *life);

/* Made if there is none. */
struct track *group_track(struct group *group, struct plan *plan);

/* An event of @type, which is borrowed as long as the group lives. */
void group_note_type(struct group *group, struct text type, int64_t at_ms, int64_t keep_ms,
                     size_t limit, struct life *life);
/* Is there an event of another type than the plan's near @at_ms? */
bool group_has_other_type(const struct group *group, const struct plan *plan, int64_t at_ms);
