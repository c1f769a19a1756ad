/* quota: at most so many events a minute of one rule (`max_per_minute`).
 *
 * Minutes are those of the clock, so that several workers' notices line up. What is over the quota
 * is counted and told once, in a notice when its minute is over. Pure bookkeeping: the time is
 * handed in. State is this worker's alone and does not outlive it. Not thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct quota;

/* For rules 0 to @rules - 1. */
struct quota *quota_new(size_t rules);
void quota_free(struct quota *quota); /* NULL is fine */
AUTO_FREE(quota)

/* Counts one event of @rule; false: it is over @limit (0: none) in its minute. */
bool quota_allows(struct quota *quota, size_t rule, int64_t limit, int64_t now_ms);

struct quota_notice {
    size_t rule;
    int64_t minute_ms; /* start of the minute */
    uint64_t withheld; /* events that were over the quota */
};

/* The next rule whose minute is over at @now_ms and that withheld events in it; each minute is told
 * once. False: no more. To be asked before quota_allows() for the same time. */
bool quota_next_notice(struct quota *quota, int64_t now_ms, struct quota_notice *notice);
