#include "correlator/pace.h"

#include <stdlib.h>

#include "base/mem.h"

struct timed {
    size_t place;
    int64_t at_ms;
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int by_time(const void *a, const void *b)
{
    const struct timed *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* Each item's time is no earlier than what its partition had reached: so the items of a partition
 * stay in order. */
static void time_items(const struct pace *pace, const struct pace_item *items, size_t count,
                       int64_t now_ms, struct timed *timed, size_t *left)
{
    int64_t *reached = mem_zero((pace->count + 1) * sizeof(*reached));

    for (size_t p = 0; p < pace->count; p++) {
        reached[p] = pace->partitions[p].reached_ms;
        left[p] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        size_t p = items[i].partition;

        reached[p] = most(reached[p], least(items[i].at_ms, now_ms));
        timed[i] = (struct timed){i, reached[p]};
        left[p]++;
    }
    free(reached);
}

static int64_t position(const struct pace_partition *partition)
{
    if (partition->is_held)
        return partition->head_ms;
    return partition->is_at_end ? PACE_NOBODY : partition->reached_ms;
}

static bool is_near(const struct pace *pace, int64_t at_ms, int64_t slowest_ms)
{
    if (slowest_ms == PACE_NOBODY || at_ms == PACE_UNKNOWN)
        return true;
    return slowest_ms != PACE_UNKNOWN && at_ms - pace->ahead_ms <= slowest_ms;
}

size_t pace_plan(const struct pace *pace, const struct pace_item *items, size_t count,
                 int64_t now_ms, size_t *order, size_t *waits)
{
    struct timed *timed = mem_zero((count + 1) * sizeof(*timed));
    size_t *left = mem_zero((pace->count + 1) * sizeof(*left));
    int64_t slowest = pace->others_ms;
    size_t done = 0;

    time_items(pace, items, count, now_ms, timed, left);
    qsort(timed, count, sizeof(*timed), by_time);
    for (size_t p = 0; p < pace->count; p++) {
        waits[p] = count;
        if (left[p] == 0)
            slowest = least(slowest, position(&pace->partitions[p]));
    }
    for (; done < count && is_near(pace, timed[done].at_ms, slowest); done++) {
        size_t p = items[timed[done].place].partition;

        order[done] = timed[done].place;
        if (--left[p] == 0 && !pace->partitions[p].is_at_end)
            slowest = least(slowest, timed[done].at_ms);
    }
    for (size_t i = done; i < count; i++) {
        size_t p = items[timed[i].place].partition;

        waits[p] = waits[p] < timed[i].place ? waits[p] : timed[i].place;
    }
    free(timed);
    free(left);
    return done;
}

void pace_note(struct pace *pace, const struct pace_item *items, size_t count, int64_t now_ms,
               const size_t *waits)
{
    for (size_t i = 0; i < count; i++) {
        struct pace_partition *partition = &pace->partitions[items[i].partition];
        int64_t at_ms = least(items[i].at_ms, now_ms);

        if (i < waits[items[i].partition]) {
            partition->reached_ms = most(partition->reached_ms, at_ms);
        } else if (i == waits[items[i].partition]) {
            partition->is_held = true;
            partition->head_ms = most(partition->reached_ms, at_ms);
        }
    }
}

int64_t pace_slowest(const struct pace *pace, size_t except)
{
    int64_t slowest = PACE_NOBODY;

    for (size_t p = 0; p < pace->count; p++) {
        if (p != except)
            slowest = least(slowest, position(&pace->partitions[p]));
    }
    return slowest;
}

bool pace_may_go(const struct pace *pace, size_t partition)
{
    return is_near(pace, pace->partitions[partition].head_ms,
                   least(pace->others_ms, pace_slowest(pace, partition)));
}
