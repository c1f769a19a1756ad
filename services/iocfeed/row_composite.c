/* Values of two parts, as MISP has them: "domain|ip", "ip-dst|port", "filename|sha256". */
#include "iocfeed/row.h"

/* Says nothing by itself. */
static bool is_mere_part(struct text type)
{
    return row_names_equal(type, TEXT("filename")) || text_is(type, "regkey") ||
           text_is(type, "value") || text_is(type, "port");
}

/* A file's name may hold bars, what stands behind it none. */
static void split_value(struct text value, struct text values[2])
{
    size_t bar = value.size;

    while (bar > 0 && value.bytes[bar - 1] != '|')
        bar--;
    values[0] = text_slice(value, 0, bar ? bar - 1 : value.size);
    values[1] = text_slice(value, bar ? bar : value.size, value.size);
}

size_t row_composite_split(const struct row *row, struct row parts[2])
{
    size_t middle = text_find_byte(row->composite, '|'), count = 0;
    const struct text types[] = {text_slice(row->composite, 0, middle),
                                 text_slice(row->composite, middle + 1, row->composite.size)};
    struct text values[2];

    split_value(row->value, values);
    for (size_t i = 0; i < 2; i++) {
        struct row *part = &parts[count];

        if (is_mere_part(types[i]))
            continue;
        *part = *row;
        part->value = values[i];
        part->goes_on = row->goes_on || count > 0;
        if (i == 0 && text_is(types[1], "port"))
            part->port = values[1];
        if (!row_kind_parse(types[i], &part->kind))
            part->kind = INDICATOR_UNSUPPORTED;
        count++;
    }
    if (count == 0) { /* "regkey|value" */
        parts[count] = *row;
        parts[count++].kind = INDICATOR_UNSUPPORTED;
    }
    return count;
}
