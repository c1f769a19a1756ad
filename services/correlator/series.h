/* series: the selected events of one rule and group in order, and the count at each of their times.
 *
 * Of each member it knows what its window, [time - timespan, time], counts: events, or distinct
 * values. A new member changes that only for times in [time, time + timespan], so it costs what it
 * changes: at the end of the series next to nothing.
 */
#pragma once

#include "base/text.h"
#include "correlator/sighting.h"

enum series_kind {
    SERIES_EVENTS, /* counts events */
    SERIES_VALUES, /* counts distinct values */
    SERIES_PLAIN,  /* counts nothing */
};

struct series_value;

struct member {
    int64_t at_ms;
    struct sighting *event; /* a user of it */
    union {
        struct series_value *value; /* SERIES_VALUES */
        int64_t number;             /* thousandths, of a value_sum and its like */
        uint32_t selections;        /* bits: of a temporal rule, which it serves */
    };
    int64_t held; /* what the window that ends at at_ms counts */
};

/* Starts by series_init(). */
struct series {
    enum series_kind kind;
    int64_t timespan_ms;
    struct member *items; /* owned */
    size_t first;         /* those before it are gone */
    size_t count;
    size_t capacity;
    int64_t kept_from_ms; /* what is older may be gone */
    void *values;         /* text -> series_value, owned; NULL until needed */
    uint64_t stamp;
    size_t window; /* where the last window that was asked for began: the next is near */
};

void series_init(struct series *series, enum series_kind kind, int64_t timespan_ms);
void series_done(struct series *series);

static inline struct member *series_at(const struct series *series, size_t i)
{
    return &series->items[series->first + i];
}

/* How many are before @at_ms: the place of the first that is not. Quickest near the end. */
size_t series_before(const struct series *series, int64_t at_ms);

bool series_has(const struct series *series, int64_t at_ms, struct text event_id);
/* Its place; series->count: it is not there. */
size_t series_find(const struct series *series, int64_t at_ms, struct text event_id);

/* An event that it does not have; @value counts for SERIES_VALUES only. The member, whose number or
 * selections are the caller's to set, is valid until the next change. */
struct member *series_add(struct series *series, struct sighting *event, struct text value);

/* As series_add(), of an event that comes after all others, and without counting: for members that
 * are read from a state, and counted when all of them are there. */
struct member *series_append(struct series *series, struct sighting *event, struct text value);
/* What each window holds of the members that are there. */
void series_recount(struct series *series);
/* The text of a member of SERIES_VALUES. */
struct text series_value_text(const struct member *member);

/* What is dropped is shown first. */
typedef void series_gone(void *self, const struct member *member);
void series_drop_before(struct series *series, int64_t at_ms, series_gone *gone, void *self);

/* Makes at most @keep members of it: of SERIES_VALUES first the oldest whose value comes again,
 * then the oldest. Counts are right for what is left. Returns the time of the newest that went. */
int64_t series_crowd(struct series *series, size_t keep, series_gone *gone, void *self);
