#include "base/moment.h"

#include "base/calendar.h"

static const int64_t day_ms = 86400000;
static const int64_t last_ms = 253402300799999; /* 9999-12-31T23:59:59.999Z */

/* What is left to read. Readers return false at the first byte that does not fit; the cursor is
 * then of no more use. */
struct cursor {
    const char *at, *end;
};

/* A wall clock, field by field. */
struct reading {
    int year, month, day, hour, minute, second, ms;
};

static bool take(struct cursor *c, char byte)
{
    if (c->at == c->end || *c->at != byte)
        return false;
    c->at++;
    return true;
}

static bool is_digit(const struct cursor *c)
{
    return c->at < c->end && (unsigned char)(*c->at - '0') < 10;
}

static bool two_digits(struct cursor *c, int *value)
{
    if (c->end - c->at < 2)
        return false;
    unsigned tens = (unsigned char)(c->at[0] - '0'), ones = (unsigned char)(c->at[1] - '0');

    if (tens > 9 || ones > 9)
        return false;
    *value = (int)(tens * 10 + ones);
    c->at += 2;
    return true;
}

static bool four_digits(struct cursor *c, int *value)
{
    int high, low;

    if (!two_digits(c, &high) || !two_digits(c, &low))
        return false;
    *value = high * 100 + low;
    return true;
}

/* 1 to 9 digits as milliseconds; what is finer is cut off. */
static bool decimals(struct cursor *c, int *ms)
{
    int weight = 100, sum = 0, count = 0;

    for (; is_digit(c); c->at++, count++) {
        sum += (*c->at - '0') * weight;
        weight /= 10;
    }
    *ms = sum;
    return count >= 1 && count <= 9;
}

#define MONTH(a, b, c) ((unsigned)(a) << 16 | (unsigned)(b) << 8 | (unsigned)(c))

/* "Jan", in any case. */
static bool month_name(struct cursor *c, int *month)
{
    static const unsigned names[] = {
        MONTH('j', 'a', 'n'), MONTH('f', 'e', 'b'), MONTH('m', 'a', 'r'), MONTH('a', 'p', 'r'),
        MONTH('m', 'a', 'y'), MONTH('j', 'u', 'n'), MONTH('j', 'u', 'l'), MONTH('a', 'u', 'g'),
        MONTH('s', 'e', 'p'), MONTH('o', 'c', 't'), MONTH('n', 'o', 'v'), MONTH('d', 'e', 'c'),
    };

    if (c->end - c->at < 3)
        return false;
    unsigned name = MONTH(c->at[0] | 0x20, c->at[1] | 0x20, c->at[2] | 0x20);

    for (int i = 0; i < 12; i++) {
        if (names[i] == name) {
            c->at += 3;
            *month = i + 1;
            return true;
        }
    }
    return false;
}

/* hh:mm:ss, and decimals where they follow. */
static bool clock_time(struct cursor *c, struct reading *r)
{
    r->ms = 0;
    if (!two_digits(c, &r->hour) || !take(c, ':') || !two_digits(c, &r->minute) || !take(c, ':') ||
        !two_digits(c, &r->second))
        return false;
    if (r->hour > 23 || r->minute > 59 || r->second > 60)
        return false;
    /* A comma may also end the time in a list: only digits make decimals of what follows. */
    if (c->end - c->at >= 2 && (*c->at == '.' || *c->at == ',') &&
        (unsigned char)(c->at[1] - '0') < 10) {
        c->at++;
        return decimals(c, &r->ms);
    }
    return true;
}

static int64_t local_ms(const struct reading *r)
{
    return calendar_days(r->year, r->month, r->day) * day_ms + r->hour * 3600000 +
           r->minute * 60000 + r->second * 1000 + r->ms;
}

static struct moment at_offset(int64_t local, int32_t offset_minutes)
{
    return (struct moment){local - (int64_t)offset_minutes * 60000, offset_minutes};
}

static struct moment in_zone(int64_t local, const struct zone *zone)
{
    return at_offset(local, zone ? zone_offset_minutes(zone, local) : 0);
}

/* +hh:mm, +hhmm or +hh */
static bool numeric_offset(struct cursor *c, int32_t *offset_minutes)
{
    int hours, minutes = 0;
    bool west = c->at < c->end && *c->at == '-';

    if (!take(c, west ? '-' : '+') || !two_digits(c, &hours))
        return false;
    if (take(c, ':')) {
        if (!two_digits(c, &minutes))
            return false;
    } else if (is_digit(c) && !two_digits(c, &minutes)) {
        return false;
    }
    if (hours > 23 || minutes > 59)
        return false;
    *offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

/* @gap: may a blank stand before the sign of the offset? */
static bool rfc3339(struct cursor *c, const struct zone *zone, bool gap, struct moment *moment)
{
    struct reading r;
    int32_t offset;

    if (!four_digits(c, &r.year) || !take(c, '-') || !two_digits(c, &r.month) || !take(c, '-') ||
        !two_digits(c, &r.day) || !calendar_has(r.year, r.month, r.day))
        return false;
    if (!take(c, 'T') && !take(c, ' ') && !take(c, 't'))
        return false;
    if (!clock_time(c, &r))
        return false;
    if (take(c, 'Z') || take(c, 'z')) {
        *moment = at_offset(local_ms(&r), 0);
        return true;
    }
    if (gap)
        take(c, ' ');
    if (c->at < c->end && (*c->at == '+' || *c->at == '-')) {
        if (!numeric_offset(c, &offset))
            return false;
        *moment = at_offset(local_ms(&r), offset);
        return true;
    }
    *moment = in_zone(local_ms(&r), zone);
    return true;
}

/* Fills in the latest year that does not bring the time more than a day ahead of @near_ms: clocks
 * are wrong by hours, but nobody logs the future, and old files are read late. */
static bool latest_year(struct reading *r, const struct zone *zone, int64_t near_ms,
                        struct moment *moment)
{
    /* 29 February may be eight years away (1896 to 1904, 2096 to 2104). */
    int reach = r->month == 2 && r->day == 29 ? 8 : 1;

    near_ms = near_ms < 0 ? 0 : near_ms > last_ms ? last_ms : near_ms;
    int middle = (int)(1970 + near_ms / day_ms * 400 / 146097);

    for (r->year = middle + 1; r->year >= middle - reach; r->year--) {
        if (!calendar_has(r->year, r->month, r->day))
            continue;
        struct moment there = in_zone(local_ms(r), zone);

        if (there.ms <= near_ms + day_ms) {
            *moment = there;
            return true;
        }
    }
    return false;
}

/* " 1" or "01" */
static bool padded_day(struct cursor *c, int *day)
{
    if (!take(c, ' ') && two_digits(c, day))
        return true;
    if (!is_digit(c))
        return false;
    *day = *c->at++ - '0';
    return true;
}

/* A year and a blank before the time. The cursor moves only if there is one. */
static bool year_before(struct cursor *c, int *year)
{
    struct cursor ahead = *c;

    if (!four_digits(&ahead, year) || !take(&ahead, ' '))
        return false;
    *c = ahead;
    return true;
}

/* A blank and a year behind the time, with nothing that would make it another word. */
static bool year_behind(struct cursor *c, int *year)
{
    struct cursor ahead = *c;

    if (!take(&ahead, ' ') || !four_digits(&ahead, year) || *year < 1970)
        return false;
    struct cursor behind = ahead;

    take(&behind, ':'); /* "2001:db8::1" is a host */
    if (behind.at < behind.end && *behind.at != ' ')
        return false;
    *c = ahead;
    return true;
}

static bool syslog_time(struct cursor *c, const struct zone *zone, int64_t near_ms,
                        struct moment *moment, bool *known)
{
    struct reading r;

    *known = true;

    /* Oct  1 22:14:15    Oct 01 22:14:15    Oct  1 2026 22:14:15    Oct  1 22:14:15 2026 */
    if (!month_name(c, &r.month) || !take(c, ' ') || !padded_day(c, &r.day) || !take(c, ' '))
        return false;
    bool has_year = year_before(c, &r.year);

    if (!clock_time(c, &r))
        return false;
    if (!has_year && !year_behind(c, &r.year)) {
        *known = near_ms >= 0;
        /* Known or not, a day that no year has is no time. */
        return latest_year(&r, zone, near_ms, moment);
    }
    if (!calendar_has(r.year, r.month, r.day))
        return false;
    *moment = in_zone(local_ms(&r), zone);
    return true;
}

static struct cursor over(struct text t)
{
    return (struct cursor){t.bytes, t.size ? t.bytes + t.size : t.bytes};
}

/* Most texts have no white space around them; they are spared the call. */
static struct cursor over_trimmed(struct text t)
{
    if (t.size && ((unsigned char)t.bytes[0] <= ' ' || (unsigned char)t.bytes[t.size - 1] <= ' '))
        t = text_trim(t);
    return over(t);
}

/* Hands @found over if the whole was read. */
static bool whole(const struct cursor *c, const struct moment *found, struct moment *moment)
{
    if (c->at != c->end)
        return false;
    *moment = *found;
    return true;
}

bool moment_parse_rfc3339(struct text t, const struct zone *zone, struct moment *moment)
{
    struct cursor c = over_trimmed(t);
    struct moment found;

    return rfc3339(&c, zone, true, &found) && whole(&c, &found, moment);
}

/* 10/Oct/2000:13:55:36 -0700, and nothing else. */
static bool clf(struct text t, struct reading *r, int32_t *offset)
{
    struct cursor c = over_trimmed(t);

    return two_digits(&c, &r->day) && take(&c, '/') && month_name(&c, &r->month) && take(&c, '/') &&
           four_digits(&c, &r->year) && take(&c, ':') && clock_time(&c, r) && take(&c, ' ') &&
           numeric_offset(&c, offset) && c.at == c.end && calendar_has(r->year, r->month, r->day);
}

bool moment_is_clf(struct text t)
{
    struct reading r;
    int32_t offset;

    return clf(t, &r, &offset);
}

bool moment_parse_clf(struct text t, struct moment *moment)
{
    struct reading r;
    int32_t offset;

    if (!clf(t, &r, &offset))
        return false;
    *moment = at_offset(local_ms(&r), offset);
    return true;
}

bool moment_parse_syslog(struct text t, const struct zone *zone, int64_t near_ms,
                         struct moment *moment)
{
    struct cursor c = over_trimmed(t);
    struct moment found;

    bool known;

    return syslog_time(&c, zone, near_ms, &found, &known) && known && whole(&c, &found, moment);
}

bool moment_parse_slashed(struct text t, const struct zone *zone, struct moment *moment)
{
    struct cursor c = over_trimmed(t);
    struct reading r;

    if (!four_digits(&c, &r.year) || !take(&c, '/') || !two_digits(&c, &r.month) ||
        !take(&c, '/') || !two_digits(&c, &r.day) || !take(&c, ' ') || !clock_time(&c, &r) ||
        !calendar_has(r.year, r.month, r.day))
        return false;
    struct moment found = in_zone(local_ms(&r), zone);

    return whole(&c, &found, moment);
}

bool moment_parse_epoch(struct text t, struct moment *moment)
{
    struct cursor c = over_trimmed(t);
    const char *start = c.at;
    int64_t number = 0;
    int ms = 0;

    for (; is_digit(&c); c.at++) {
        int digit = *c.at - '0';

        if (number > (INT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (c.at == start)
        return false;
    if (take(&c, '.') && !decimals(&c, &ms))
        return false;
    if (number < 100000000000)
        number = number * 1000 + ms;
    else if (number >= 100000000000000000)
        number /= 1000000;
    else if (number >= 100000000000000)
        number /= 1000;
    struct moment found = {number, 0};

    return number <= last_ms && whole(&c, &found, moment);
}

bool moment_parse_any(struct text t, const struct zone *zone, int64_t near_ms,
                      struct moment *moment)
{
    struct cursor c = over_trimmed(t);

    t = (struct text){c.at, (size_t)(c.end - c.at)};
    if (!is_digit(&c))
        return moment_parse_syslog(t, zone, near_ms, moment);
    if (t.size >= 10 && t.bytes[4] == '-')
        return moment_parse_rfc3339(t, zone, moment);
    if (t.size >= 10 && t.bytes[4] == '/')
        return moment_parse_slashed(t, zone, moment);
    if (t.size >= 10 && t.bytes[2] == '/')
        return moment_parse_clf(t, moment);
    struct moment found;

    if (!moment_parse_epoch(t, &found) || found.ms < 100000000000)
        return false;
    *moment = found;
    return true;
}

size_t moment_take_rfc3339(struct text t, const struct zone *zone, struct moment *moment)
{
    struct cursor c = over(t);
    struct moment found;

    if (!rfc3339(&c, zone, false, &found))
        return 0;
    *moment = found;
    return (size_t)(c.at - t.bytes);
}

size_t moment_take_syslog(struct text t, const struct zone *zone, int64_t near_ms,
                          struct moment *moment, bool *known)
{
    struct cursor c = over(t);
    struct moment found;

    if (!syslog_time(&c, zone, near_ms, &found, known))
        return 0;
    if (*known)
        *moment = found;
    return (size_t)(c.at - t.bytes);
}
