#include "correlator/window_number.h"

enum { DIGITS = 64, MAX_EXPONENT = 400 };
#define MOST INT64_C(9000000000000000000)

/* Members are at most 20,000 or so, but of 9e18 each. */
__extension__ typedef __int128 wide;

/* What a number is written as: its digits without leading zeroes, and how many of them stand before
 * the point. */
struct decimal {
    bool is_negative;
    unsigned char digits[DIGITS]; /* more are nothing that matters */
    int count;
    int whole;
};

static bool is_digit(struct text t, size_t at)
{
    return at < t.size && (unsigned char)(t.bytes[at] - '0') < 10;
}

static size_t read_digits(struct text t, size_t at, bool is_fraction, struct decimal *decimal)
{
    for (; is_digit(t, at); at++) {
        unsigned char digit = (unsigned char)(t.bytes[at] - '0');

        if (decimal->count == 0 && digit == 0) {
            decimal->whole -= is_fraction && decimal->whole > -MAX_EXPONENT;
            continue;
        }
        if (decimal->count < DIGITS)
            decimal->digits[decimal->count++] = digit;
        decimal->whole += !is_fraction && decimal->whole < MAX_EXPONENT;
    }
    return at;
}

/* "e-3": false if no number follows. */
static bool read_exponent(struct text t, size_t *at, int *exponent)
{
    bool is_negative = false;
    size_t from;

    if (*at < t.size && (t.bytes[*at] == '-' || t.bytes[*at] == '+'))
        is_negative = t.bytes[(*at)++] == '-';
    for (from = *at; is_digit(t, *at); (*at)++) {
        if (*exponent < 2 * MAX_EXPONENT)
            *exponent = *exponent * 10 + (t.bytes[*at] - '0');
    }
    if (is_negative)
        *exponent = -*exponent;
    return *at > from;
}

static bool read_decimal(struct text t, struct decimal *decimal)
{
    size_t at = 0, from, digits;
    int exponent = 0;

    if (t.size > 0 && (t.bytes[0] == '-' || t.bytes[0] == '+'))
        decimal->is_negative = t.bytes[at++] == '-';
    from = at;
    at = read_digits(t, at, false, decimal);
    digits = at - from;
    if (at < t.size && t.bytes[at] == '.') {
        from = ++at;
        at = read_digits(t, at, true, decimal);
        digits += at - from;
    }
    if (digits == 0)
        return false;
    if (at < t.size && (t.bytes[at] == 'e' || t.bytes[at] == 'E')) {
        at++;
        if (!read_exponent(t, &at, &exponent))
            return false;
    }
    decimal->whole += exponent;
    return at == t.size;
}

bool window_number_parse(struct text text, int64_t *thousandths)
{
    struct decimal decimal = {0};
    int64_t value = 0;

    if (!read_decimal(text_trim(text), &decimal))
        return false;
    int places = decimal.whole + 3;

    if (decimal.count > 0 && places > 19)
        return false;
    for (int i = 0; decimal.count > 0 && i < places; i++) {
        int digit = i < decimal.count ? decimal.digits[i] : 0;

        if (value > (MOST - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (places >= 0 && places < decimal.count && decimal.digits[places] >= 5)
        value++;
    *thousandths = decimal.is_negative ? -value : value;
    return true;
}

/* @value of @count against the bound: what an average is compared by, undivided. */
static bool bound_holds(const struct correlation_bound *bound, wide value, int64_t count)
{
    wide limit = (wide)bound->value * count;

    switch (bound->operator) {
    case CORRELATION_GT:
        return value > limit;
    case CORRELATION_GTE:
        return value >= limit;
    case CORRELATION_LT:
        return value < limit;
    case CORRELATION_LTE:
        return value <= limit;
    case CORRELATION_EQ:
        return value == limit;
    case CORRELATION_NEQ:
        return value != limit;
    }
    return false;
}

static bool bounds_hold(const struct correlation *rule, wide value, int64_t count)
{
    for (size_t i = 0; i < rule->bound_count; i++) {
        if (!bound_holds(&rule->bounds[i], value, count))
            return false;
    }
    return true;
}

/* Where the percentile lies of @value, by nearest rank: the smallest number that at least so many
 * of a hundred are not above. Less than 0: below. To know that, numbers need not be sorted. */
static int percentile_order(const struct series *series, size_t from, size_t count, int percent,
                            int64_t value)
{
    size_t rank = (count * (size_t)percent + 99) / 100, below = 0, at_most = 0;

    for (size_t i = from; i < from + count; i++) {
        below += series_at(series, i)->number < value;
        at_most += series_at(series, i)->number <= value;
    }
    if (rank == 0)
        rank = 1;
    return below >= rank ? -1 : at_most < rank;
}

static bool percentile_holds(const struct correlation *rule, const struct series *series,
                             size_t from, size_t count)
{
    for (size_t i = 0; i < rule->bound_count; i++) {
        const struct correlation_bound *bound = &rule->bounds[i];
        const struct correlation_bound beside = {.operator= bound->operator};

        if (!bound_holds(&beside,
                         percentile_order(series, from, count, rule->percentile, bound->value), 1))
            return false;
    }
    return true;
}

bool window_number_holds(const struct correlation *rule, const struct series *series, int64_t at_ms)
{
    size_t from = series_before(series, at_ms - rule->timespan_ms);
    size_t count = series_before(series, at_ms + 1) - from;
    wide sum = 0;

    if (rule->type == CORRELATION_VALUE_PERCENTILE)
        return percentile_holds(rule, series, from, count);
    for (size_t i = from; i < from + count; i++)
        sum += series_at(series, i)->number;
    return bounds_hold(rule, sum, rule->type == CORRELATION_VALUE_AVG ? (int64_t)count : 1);
}
