/* pace: how far one partition may be read ahead of another: correlation.md, "Disorder between
 * partitions".
 *
 * Windows bear events that are up to max_lateness out of order. A backlog whose partitions lie
 * hours apart would be further out of order than that if each were read as fast as it can be, so
 * what is further ahead than half of max_lateness waits for the slowest partition that is not at
 * its end. Pure, for the program to act on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACE_UNKNOWN INT64_MIN /* nothing was read yet: everybody waits */
#define PACE_NOBODY INT64_MAX  /* there is nobody to wait for */

/* Starts as {.reached_ms = PACE_UNKNOWN}. */
struct pace_partition {
    bool is_at_end;
    bool is_held;
    int64_t reached_ms; /* the newest that was read */
    int64_t head_ms;    /* of one that is held: what it waits with */
};

/* A message of a batch. */
struct pace_item {
    size_t partition;
    int64_t at_ms; /* PACE_UNKNOWN: it has no time */
};

struct pace {
    struct pace_partition *partitions;
    size_t count;
    int64_t others_ms; /* where the slowest of other workers is; PACE_NOBODY, PACE_UNKNOWN */
    int64_t ahead_ms;
};

/* @order gets the places of the items that may be dealt with now, by time, but those of a partition
 * in their order; returns how many. @waits gets for each partition the place of the first of its
 * items that must wait, and with it all that follow it, or @count. What is later than @now_ms
 * counts as of now, so that a clock that is ahead holds up nobody. */
size_t pace_plan(const struct pace *pace, const struct pace_item *items, size_t count,
                 int64_t now_ms, size_t *order, size_t *waits);
/* That was done. */
void pace_note(struct pace *pace, const struct pace_item *items, size_t count, int64_t now_ms,
               const size_t *waits);

/* Where the slowest partition but @except is (count: of all). */
int64_t pace_slowest(const struct pace *pace, size_t except);
/* Whether the partition, which is held, may be read on. */
bool pace_may_go(const struct pace *pace, size_t partition);
