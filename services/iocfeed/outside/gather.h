/* gather: one harvest of a feed, in a thread of its own, so that a slow server delays nobody. */
#pragma once

#include "iocfeed/intake.h"
#include "iocfeed/iocfeed_settings.h"
#include "iocfeed/outside/fetch.h"
#include "iocfeed/sightings.h"

enum gather_result {
    GATHER_NEW,       /* there are sightings, and the judge is content */
    GATHER_UNCHANGED, /* 304, or a file that is as it was */
    GATHER_FAILED,
};

/* What came of it; owned by the gather. */
struct gather_outcome {
    enum gather_result result;
    struct error err;
    struct sightings *sightings;
    struct intake_counts counts;
    bool is_complete;
    int64_t content_ms;     /* RECORD_NULL: not known */
    int64_t retry_after_ms; /* 0: not said */
    struct fetch_memory memory;
    struct buf cursor;
};

struct gather;

/* All borrowed until gather_end(); @cursor is copied. */
struct gather *gather_begin(const struct feed_settings *feed, const struct warning_lists *lists,
                            const struct fetch_memory *memory, struct text cursor, int64_t now_ms);
/* NULL: not yet. */
struct gather_outcome *gather_outcome(struct gather *gather);
/* Waits for the thread: at most feed's timeout. NULL is fine. */
void gather_end(struct gather *gather);

/* The same in the caller's thread. */
void gather_now(const struct feed_settings *feed, const struct warning_lists *lists,
                const struct fetch_memory *memory, struct text cursor, int64_t now_ms,
                struct gather_outcome *outcome);
void gather_outcome_done(struct gather_outcome *outcome);
