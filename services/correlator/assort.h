/* assort: what an event brings to which groups: the first half of correlation, without their state.
 */
#pragma once

#include "base/arena.h"
#include "correlator/group.h"
#include "correlator/router.h"

/* Event times beyond these are refused: 0001-01-01 to 9999-12-31. */
#define ASSORT_EARLIEST_MS INT64_C(-62135596800000)
#define ASSORT_LATEST_MS INT64_C(253402300799999)

struct assort_totals {
    uint64_t events; /* judged, shadow and refused together */
    uint64_t shadow;
    uint64_t refused; /* for their time or their empty event_id */
};

/* Who takes what comes of it. A place is what stands for a group; for one group it is always the
 * same. */
struct assort_ops {
    void *(*find)(void *self, struct text tenant, const struct text *names,
                  const struct text *values, size_t count);
    /* Shares of one place come in the order in which they are to be applied. What they point to is
     * the event's, the scratch arena's, or lives until the call returns: the offer's event. */
    void (*take)(void *self, void *place, const struct share *share);
    /* It lacks a field of the rule's group-by. */
    void (*miss)(void *self, struct plan *plan);
};

struct assort;

/* All is borrowed. @min_level: events of at least this are alerts by themselves. */
struct assort *assort_new(struct router *router, int min_level, const struct assort_ops *ops,
                          void *self);
void assort_free(struct assort *assort); /* NULL is fine */

/* In @scratch are texts that shares point to, and copies of those of their lists. */
void assort_event(struct assort *assort, const struct event *event, struct arena *scratch);

struct assort_totals assort_totals(const struct assort *assort);
/* Totals are again what they were: the events since then are to come again. */
void assort_take_back(struct assort *assort, struct assort_totals totals);
