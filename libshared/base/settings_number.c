#include <math.h>
#include <yyjson.h>

#include "base/settings_parts.h"

struct unit {
    const char *name;
    int64_t times;
};

/* From the largest down, so that writing takes the largest that fits. */
static const struct unit durations[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {0},
};
static const struct unit sizes[] = {
    {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}, {0},
};
static const struct unit plain[] = {{"", 1}, {0}};

static const struct unit *units_of(enum setting_type type)
{
    return type == SETTING_DURATION ? durations : type == SETTING_SIZE ? sizes : plain;
}

bool settings_number_parse(enum setting_type type, struct text text, int64_t *value)
{
    bool negative = type == SETTING_INTEGER && text_starts(text, TEXT("-"));
    size_t digits = negative;
    int64_t number;

    while (digits < text.size && text.bytes[digits] >= '0' && text.bytes[digits] <= '9')
        digits++;
    if (!text_to_integer(text_slice(text, negative, digits), &number))
        return false;
    for (const struct unit *unit = units_of(type); unit->name; unit++) {
        if (!text_is(text_slice(text, digits, text.size), unit->name))
            continue;
        if (number > INT64_MAX / unit->times)
            return false;
        *value = (negative ? -number : number) * unit->times;
        return true;
    }
    return false;
}

/* Not strtod(): that follows the locale. */
bool settings_number_parse_double(struct text text, double *value)
{
    AUTO_BUF copy = {0};
    yyjson_val number = {0};

    buf_add(&copy, text);
    const char *start = buf_string(&copy);
    const char *end = yyjson_read_number(start, &number, 0, NULL, NULL);

    if (!end || text.size == 0 || end != start + text.size || !isfinite(yyjson_get_num(&number)))
        return false;
    *value = yyjson_get_num(&number);
    return true;
}

void settings_number_write(enum setting_type type, int64_t value, struct buf *out)
{
    const struct unit *unit = units_of(type);

    if (value == 0)
        unit = type == SETTING_DURATION ? &durations[3] : plain;
    while (value % unit->times != 0)
        unit++;
    buf_addf(out, "%lld%s", (long long)(value / unit->times), unit->name);
}
