/* csv: columns found by the header's names, by the settings' names or positions, or, without a
 * header, in the seed's order: value, type, threat type, confidence, description.
 *
 * The header may be a comment (abuse.ch), the first row, or missing.
 */
#include "iocfeed/feeds.h"

#include "iocfeed/csv.h"
#include "iocfeed/harvest.h"
#include "iocfeed/header_facts.h"

enum { MAX_VALUES = 4 };

struct columns {
    int values[MAX_VALUES]; /* from 0; several where a row has several values */
    enum indicator_kind kinds[MAX_VALUES];
    size_t value_count;
    int parts[ROW_PARTS]; /* -1: none; without the value's */
    size_t count;         /* of the header; 0: there is none */
};

struct table {
    struct harvest *harvest;
    struct csv csv;
    struct columns columns;
    struct columns commented; /* what the last comment would be as a header */
    bool known;               /* columns are */
};

static void clear(struct columns *columns)
{
    *columns = (struct columns){0};
    for (int i = 0; i < ROW_PARTS; i++)
        columns->parts[i] = -1;
}

/* The column called @name: by the header, or its position from 1. */
static int column_of(const struct csv_row *header, struct text name)
{
    int64_t position;

    for (size_t i = 0; header && i < header->count; i++) {
        if (text_equal_nocase(text_trim(header->fields[i]), name))
            return (int)i;
    }
    if (text_to_integer(name, &position) && position >= 1 && position <= CSV_MAX_FIELDS)
        return (int)position - 1;
    return -1;
}

static void add_value(struct columns *columns, int column, struct text name)
{
    if (column < 0 || columns->value_count == MAX_VALUES)
        return;
    columns->values[columns->value_count] = column;
    columns->kinds[columns->value_count++] = row_kind_of_column(name);
}

static void set_part(struct columns *columns, enum row_part part, const struct csv_row *header,
                     struct text name)
{
    struct text one;

    if (part != ROW_VALUE) {
        columns->parts[part] = column_of(header, name);
        return;
    }
    columns->value_count = 0;
    while (text_split(&name, '|', &one)) /* "sha256|md5": each is one */
        add_value(columns, column_of(header, one), one);
}

/* What settings name comes first, then the names that feeds use. */
static void find_columns(const struct profile *profile, const struct csv_row *header,
                         struct columns *columns)
{
    struct text value = {0}; /* what settings call it */
    enum row_part part;

    clear(columns);
    columns->count = header ? header->count : 0;
    for (size_t i = 0; i < profile->fields.count; i++) {
        if (!row_part_parse(text_of(profile->fields.names[i]), &part))
            continue;
        set_part(columns, part, header, text_of(profile->fields.values[i]));
        if (part == ROW_VALUE)
            value = text_of(profile->fields.values[i]);
    }
    value = text_slice(value, 0, text_find_byte(value, '|'));
    for (int i = 0; header && i < ROW_PARTS; i++) {
        const char *const *names = row_part_names((enum row_part)i);

        for (; *names; names++) {
            if (i == ROW_VALUE ? columns->value_count > 0 : columns->parts[i] >= 0)
                break;
            if (i != ROW_VALUE || row_column_fits(value, text_of(*names)))
                set_part(columns, (enum row_part)i, header, text_of(*names));
        }
    }
}

/* A list without a header and without settings. */
static void seed_columns(struct columns *columns)
{
    static const enum row_part order[] = {ROW_TYPE, ROW_THREAT_TYPE, ROW_CONFIDENCE,
                                          ROW_DESCRIPTION};

    if (columns->value_count > 0)
        return;
    add_value(columns, 0, (struct text){0});
    for (size_t i = 0; i < COUNT_OF(order); i++)
        columns->parts[order[i]] = (int)i + 1;
}

static size_t known_parts(const struct columns *columns)
{
    size_t count = columns->value_count;

    for (int i = 0; columns->value_count > 0 && i < ROW_PARTS; i++)
        count += columns->parts[i] >= 0;
    return count;
}

static void note_comment(struct table *table, struct text comment)
{
    struct harvest *harvest = table->harvest;
    struct csv_row header;
    struct columns columns;

    header_facts_note(text_trim(comment), harvest->intake);
    if (!csv_split(text_trim(comment), table->csv.separator, harvest->arena, &header) ||
        header.count < 2)
        return;
    find_columns(&harvest->profile, &header, &columns);
    /* Words of a licence may be called as columns are: the most of them make the header. */
    if (columns.value_count > 0 && columns.values[0] < (int)header.count &&
        known_parts(&columns) >= known_parts(&table->commented))
        table->commented = columns;
}

static bool is_indicator(struct table *table, struct text text)
{
    const struct indicator_rules rules = {.refang = true, .looking_up = true};
    struct indicator found;

    return indicator_read(text, INDICATOR_ANY, &rules, intake_arena(table->harvest->intake),
                          &found) == INDICATOR_GOOD;
}

/* Is the first row a header? It holds names and no indicator. */
static bool is_header(struct table *table, const struct csv_row *row, struct columns *columns)
{
    find_columns(&table->harvest->profile, row, columns);
    for (size_t i = 0; i < row->count; i++) {
        if (is_indicator(table, row->fields[i]))
            return false;
    }
    for (size_t i = 0; i < columns->value_count; i++) {
        if (columns->values[i] < (int)row->count &&
            (row_kind_of_column(row->fields[columns->values[i]]) != INDICATOR_ANY ||
             column_of(row, TEXT("value")) >= 0 || row->count > 1))
            return true;
    }
    return false;
}

/* Decides on the columns at the first row. True: the row was the header. */
static bool settle(struct table *table, const struct csv_row *row)
{
    struct columns first;
    bool header;

    table->known = true;
    if (table->commented.value_count > 0) {
        table->columns = table->commented;
        return false;
    }
    header = is_header(table, row, &first);
    if (header) {
        table->columns = first;
    } else {
        find_columns(&table->harvest->profile, NULL, &table->columns);
        seed_columns(&table->columns);
    }
    return header;
}

static struct text field_of(const struct csv_row *row, int column)
{
    return column >= 0 && (size_t)column < row->count ? row->fields[column] : (struct text){0};
}

/* The last column of an unquoted row may hold separators of its own (SSLBL's reasons). */
static void join_last(struct csv_row *row, size_t columns)
{
    struct text *last;

    if (columns == 0 || row->count <= columns || row->quoted)
        return;
    last = &row->fields[columns - 1];
    last->size = (size_t)(row->line.bytes + row->line.size - last->bytes);
    row->count = columns;
}

static void take_value(struct table *table, const struct csv_row *cells, size_t value)
{
    const struct columns *columns = &table->columns;
    struct intake *intake = table->harvest->intake;
    struct row row;

    row_clear(&row);
    row.line = table->csv.line;
    row_set(&row, ROW_VALUE, field_of(cells, columns->values[value]), intake_arena(intake));
    row.kind = columns->kinds[value];
    for (int i = 0; i < ROW_PARTS; i++) {
        if (i != ROW_VALUE)
            row_set(&row, (enum row_part)i, field_of(cells, columns->parts[i]),
                    intake_arena(intake));
    }
    intake_row(intake, &row);
}

static void take_row(struct table *table, struct csv_row *row)
{
    const struct columns *columns = &table->columns;
    size_t taken = 0;

    join_last(row, columns->count);
    for (size_t i = 0; i < columns->value_count; i++) {
        struct text value = field_of(row, columns->values[i]);
        bool is_empty = text_trim(value).size == 0 || text_is(value, "n/a");

        /* Of several values in a row some may be missing, not all. */
        if (is_empty && columns->value_count > 1)
            continue;
        if ((size_t)columns->values[i] >= row->count)
            continue;
        take_value(table, row, i);
        taken++;
    }
    if (taken == 0)
        intake_refuse(table->harvest->intake, INTAKE_BAD, "short_row",
                      "is a row without the column that holds the value", row->line,
                      table->csv.line);
}

static char separator_of(const struct profile *profile)
{
    if (!profile->separator || !profile->separator[0])
        return ',';
    return strcmp(profile->separator, "tab") == 0 ? '\t' : profile->separator[0];
}

static int csv_parse(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    struct table table = {.harvest = harvest};
    struct csv_row row;
    enum csv_result result;
    const char *comment = harvest->profile.comment;

    (void)err;
    csv_start(&table.csv, answer->body, separator_of(&harvest->profile),
              comment && comment[0] ? comment : "#");
    while ((result = csv_next(&table.csv, intake_arena(harvest->intake), &row)) != CSV_END) {
        if (result == CSV_COMMENT)
            note_comment(&table, row.line);
        else if (result == CSV_BAD)
            intake_refuse(harvest->intake, INTAKE_BAD, "bad_row",
                          "is a row whose quotes do not fit, or with too many columns", row.line,
                          table.csv.line);
        else if (table.known || !settle(&table, &row))
            take_row(&table, &row);
    }
    return 0;
}

const struct feed_ops feed_csv = {.name = "csv", .parse = csv_parse};
