#include "base/zone.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include <glib.h>

#include "base/mem.h"

/* From 1970 to 2100, in seconds. Before and after, the first and the last offset hold. */
static const int64_t range_start = 0, range_end = 4102444800;

struct period {
    int64_t from; /* seconds since the epoch, UTC */
    int32_t offset_minutes;
};

/* GLib looks a time up by walking over all periods, under a lock. They are copied once into a table
 * that is searched by halving and shared without locks. */
struct zone {
    struct period *periods; /* never empty, in order */
    size_t count, capacity;
};

static void add_period(struct zone *zone, int64_t from, int32_t offset_seconds)
{
    zone->periods = mem_grow(zone->periods, zone->count, &zone->capacity, sizeof(*zone->periods));
    zone->periods[zone->count++] = (struct period){from, offset_seconds / 60};
}

static int interval_at(GTimeZone *source, int64_t at)
{
    return g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, at);
}

/* Adds the periods that begin in (from, to]. GLib numbers them in order, so equal numbers at both
 * ends mean that none does. */
static void add_between(struct zone *zone, GTimeZone *source, int64_t from, int64_t to)
{
    if (interval_at(source, from) == interval_at(source, to))
        return;
    if (to - from == 1) {
        add_period(zone, to, g_time_zone_get_offset(source, interval_at(source, to)));
        return;
    }
    int64_t middle = from + (to - from) / 2;

    add_between(zone, source, from, middle); /* depth: the binary digits of the range, 32 */
    add_between(zone, source, middle, to);
}

struct zone *zone_open(const char *name, struct error *err)
{
    GTimeZone *source = g_time_zone_new_identifier(name);

    if (!source) {
        error_set(err, -ENOENT,
                  "no time zone '%s' on this machine; names are as in /usr/share/zoneinfo, "
                  "Asia/Seoul or UTC for instance",
                  name);
        return NULL;
    }
    struct zone *zone = mem_zero(sizeof(*zone));

    add_period(zone, INT64_MIN, g_time_zone_get_offset(source, interval_at(source, range_start)));
    add_between(zone, source, range_start, range_end);
    g_time_zone_unref(source);
    return zone;
}

void zone_close(struct zone *zone)
{
    if (!zone)
        return;
    free(zone->periods);
    free(zone);
}

/* Index of the period that holds at @at. */
static size_t period_at(const struct zone *zone, int64_t at)
{
    size_t low = 0, high = zone->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (zone->periods[middle].from <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int32_t zone_offset_minutes(const struct zone *zone, int64_t local_ms)
{
    const int64_t day = 86400;
    int64_t local = local_ms / 1000;
    size_t i = period_at(zone, local - day), last = period_at(zone, local + day);
    int32_t before = zone->periods[i].offset_minutes;

    /* The first period in which the wall clock shows this time. In the hour that the clock jumps
     * over none does; the offset before the jump then stands, as in POSIX and Java. */
    for (; i <= last; i++) {
        int32_t offset = zone->periods[i].offset_minutes;

        if (period_at(zone, local - (int64_t)offset * 60) == i)
            return offset;
    }
    return before;
}
