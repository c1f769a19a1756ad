#include "base/calendar.h"
#include "base/moment.h"

static const int64_t day_ms = 86400000;
static const int64_t first_ms = -62167219200000; /* 0000-01-01T00:00:00.000Z */
static const int64_t last_ms = 253402300799999;  /* 9999-12-31T23:59:59.999Z */

/* The rest of a division that rounds down, as a clock before 1970 wants it. */
static int64_t floor_rest(int64_t value, int64_t by)
{
    int64_t rest = value % by;

    return rest < 0 ? rest + by : rest;
}

/* @width digits and then @after; returns where the next go. */
static char *put(char *at, int value, int width, char after)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    at[width] = after;
    return at + width + 1;
}

void moment_write(int64_t ms, struct buf *out)
{
    ms = ms < first_ms ? first_ms : ms > last_ms ? last_ms : ms;
    int in_day = (int)floor_rest(ms, day_ms);
    int year, month, day;
    char *start = buf_reserve(out, 24), *at = start;

    calendar_date((ms - in_day) / day_ms, &year, &month, &day);
    at = put(at, year, 4, '-');
    at = put(at, month, 2, '-');
    at = put(at, day, 2, 'T');
    at = put(at, in_day / 3600000, 2, ':');
    at = put(at, in_day / 60000 % 60, 2, ':');
    at = put(at, in_day / 1000 % 60, 2, '.');
    at = put(at, in_day % 1000, 3, 'Z');
    out->size += (size_t)(at - start);
}

static int64_t own_clock(struct moment moment)
{
    return moment.ms + (int64_t)moment.offset_minutes * 60000;
}

int moment_hour(struct moment moment)
{
    return (int)(floor_rest(own_clock(moment), day_ms) / 3600000);
}

int moment_weekday(struct moment moment)
{
    int64_t local = own_clock(moment);

    /* 1970-01-01 was a Thursday. */
    return (int)floor_rest((local - floor_rest(local, day_ms)) / day_ms + 3, 7);
}
