#include "base/number.h"
#include "base/settings_parts.h"

static const char *const kinds[] = {
    [SETTING_TEXT] = "a text",
    [SETTING_SECRET] = "a text",
    [SETTING_URL] = "an address that starts with http:// or https://, without credentials",
    [SETTING_INTEGER] = "a whole number",
    [SETTING_NUMBER] = "a number",
    [SETTING_BOOLEAN] = "true or false",
    [SETTING_DURATION] = "a duration (like 250ms, 25s, 5m, 1h, 7d)",
    [SETTING_SIZE] = "a size (like 512, 64KiB, 1MiB, 4GiB)",
    [SETTING_CHOICE] = "",
    [SETTING_TEXT_LIST] = "a text or a list of texts",
    [SETTING_TEXT_MAP] = "a map of texts",
    [SETTING_LIST] = "a list of maps",
};

static bool is_list(const struct setting *row)
{
    return row->type == SETTING_TEXT_LIST || row->type == SETTING_TEXT_MAP ||
           row->type == SETTING_LIST;
}

static bool has_upper(const struct setting *row)
{
    return row->maximum >= row->minimum && (row->minimum != 0 || row->maximum != 0);
}

static bool has_lower(const struct setting *row)
{
    /* What cannot be negative needs no word about 0, unless it bounds a range. */
    return row->minimum != 0 || (has_upper(row) && !is_list(row));
}

bool settings_allowed_bounds(const struct setting *row, double value)
{
    return !(row->minimum != 0 || row->maximum != 0) ||
           (value >= row->minimum && (!has_upper(row) || value <= row->maximum));
}

static void write_bound(const struct setting *row, double value, struct buf *out)
{
    if (row->type == SETTING_NUMBER)
        number_write_double(value, out);
    else if (is_list(row))
        settings_number_write(SETTING_INTEGER, (int64_t)value, out);
    else
        settings_number_write(row->type, (int64_t)value, out);
}

static void write_bounds(const struct setting *row, struct buf *out)
{
    bool lower = has_lower(row), upper = has_upper(row);

    if (!lower && !upper)
        return;
    buf_add_string(out, is_list(row) ? " of " : lower && upper ? " from " : " of ");
    if (lower && upper) {
        write_bound(row, row->minimum, out);
        buf_add_string(out, " to ");
        write_bound(row, row->maximum, out);
    } else {
        buf_add_string(out, lower ? "at least " : "at most ");
        write_bound(row, lower ? row->minimum : row->maximum, out);
    }
    if (is_list(row))
        buf_add_string(out, " items");
}

void settings_allowed(const struct setting *row, struct buf *out)
{
    buf_add_string(out, kinds[row->type]);
    if (row->type != SETTING_CHOICE) {
        write_bounds(row, out);
        return;
    }
    for (size_t i = 0; row->choices[i]; i++) {
        buf_add_string(out, i == 0 ? "" : row->choices[i + 1] ? ", " : " or ");
        buf_add_string(out, row->choices[i]);
    }
}
