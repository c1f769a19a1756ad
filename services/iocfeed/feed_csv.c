/* csv: columns found by the header's names, by the settings' names or positions, or, without a
 * header, in the usual order where the second column holds a type: value, type, threat type,
 * confidence, description. Else the first that holds an indicator is the value.
 *
 * The header may be a comment (abuse.ch), the first row, or missing.
 */
#include "iocfeed/feeds.h"

#include "iocfeed/csv.h"
#include "iocfeed/harvest.h"
#include "iocfeed/header_facts.h"

enum { MAX_VALUES = 8 };

struct columns {
    int values[MAX_VALUES]; /* from 0 */
    bool is_either;         /* the first of the values that is there is the row's; else all are */
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
        if (row_names_equal(header->fields[i], name))
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

/* The columns that may hold the value, best first: a list of URLs and addresses has both, and one
 * of them empty. @wanted is what settings call it. */
static void find_values(struct columns *columns, const struct csv_row *header, struct text wanted)
{
    const char *const *names = row_part_names(ROW_VALUE);

    columns->is_either = true;
    for (; *names; names++) {
        if (row_column_fits(wanted, text_of(*names)) &&
            !(columns->value_count > 0 && row_is_last_resort(text_of(*names))))
            add_value(columns, column_of(header, text_of(*names)), text_of(*names));
    }
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

        for (; *names && i != ROW_VALUE && columns->parts[i] < 0; names++)
            columns->parts[i] = column_of(header, text_of(*names));
    }
    if (header && columns->value_count == 0)
        find_values(columns, header, value);
}

static size_t known_parts(const struct columns *columns)
{
    size_t count = columns->is_either ? columns->value_count > 0 : columns->value_count;

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
        known_parts(&columns) >= known_parts(&table->commented)) {
        table->commented = columns;
        table->csv.width = header.count;
    }
}

static bool is_indicator(struct table *table, struct text text)
{
    const struct indicator_rules rules = {.refang = true, .looking_up = true};
    struct indicator found;

    return indicator_read(text, INDICATOR_ANY, &rules, intake_arena(table->harvest->intake),
                          &found) == INDICATOR_GOOD;
}

static bool is_type(struct text text)
{
    enum indicator_kind kind;

    return text.size == 0 || row_kind_parse(text, &kind);
}

/* A list without a header and without settings, of which @row is the first row. */
static void guess_columns(struct table *table, const struct csv_row *row, struct columns *columns)
{
    static const enum row_part order[] = {ROW_TYPE, ROW_THREAT_TYPE, ROW_CONFIDENCE,
                                          ROW_DESCRIPTION};
    int value = 0;

    if (columns->value_count > 0)
        return;
    if (row->count > 1 && is_type(row->fields[1])) {
        for (size_t i = 0; i < COUNT_OF(order); i++)
            columns->parts[order[i]] = (int)i + 1;
    } else {
        while (value + 1 < (int)row->count && !is_indicator(table, row->fields[value]))
            value++;
        if (!is_indicator(table, row->fields[value]))
            value = 0;
    }
    add_value(columns, value, (struct text){0});
}

/* "source.ip" is a name of a column, though it looks like a domain's. */
static bool is_name(struct text text)
{
    for (int i = 0; i < ROW_PARTS; i++) {
        for (const char *const *names = row_part_names((enum row_part)i); *names; names++) {
            if (row_names_equal(text, text_of(*names)))
                return true;
        }
    }
    return false;
}

/* Is the first row a header? It holds names and no indicator. */
static bool is_header(struct table *table, const struct csv_row *row, struct columns *columns)
{
    find_columns(&table->harvest->profile, row, columns);
    for (size_t i = 0; i < row->count; i++) {
        if (!is_name(row->fields[i]) && is_indicator(table, row->fields[i]))
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
        guess_columns(table, row, &table->columns);
    }
    return header;
}

static struct text field_of(const struct csv_row *row, int column)
{
    return column >= 0 && (size_t)column < row->count ? row->fields[column] : (struct text){0};
}

/* May @column, of which @cell is one, hold separators as they are? Words may, URLs, and what nobody
 * reads. */
static bool may_join(const struct columns *columns, int column, struct text cell)
{
    for (size_t i = 0; i < columns->value_count; i++) {
        if (columns->values[i] == column)
            return text_find(cell, TEXT("://")) < cell.size;
    }
    for (int i = 0; i < ROW_PARTS; i++) {
        if (columns->parts[i] == column)
            return i == ROW_DESCRIPTION || i == ROW_TAGS;
    }
    return true;
}

/* What the header does not name: empty cells at a row's end, cells of a column that it forgot, or
 * separators in the last column of an unquoted row (SSLBL's reasons). */
static void fit_row(struct csv_row *row, const struct columns *columns)
{
    size_t count = columns->count;
    struct text *last;

    while (count > 0 && row->count > count && row->fields[row->count - 1].size == 0)
        row->count--;
    if (count == 0 || row->count <= count)
        return;
    last = &row->fields[count - 1];
    if (!row->quoted && may_join(columns, (int)count - 1, *last)) {
        const struct text *end = &row->fields[row->count - 1];

        last->size = (size_t)(end->bytes + end->size - last->bytes);
    }
    row->count = count;
}

static void take_value(struct table *table, const struct csv_row *cells, size_t value, bool goes_on)
{
    const struct columns *columns = &table->columns;
    struct intake *intake = table->harvest->intake;
    struct row row;

    row_clear(&row);
    row.line = table->csv.line;
    row.goes_on = goes_on;
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

    fit_row(row, columns);
    for (size_t i = 0; i < columns->value_count; i++) {
        struct text value = field_of(row, columns->values[i]);

        /* Of several values in a row some may be missing, not all. */
        if (row_says_nothing(value) && columns->value_count > 1)
            continue;
        if ((size_t)columns->values[i] >= row->count)
            continue;
        take_value(table, row, i, taken > 0);
        taken++;
        if (columns->is_either)
            break;
    }
    if (taken == 0)
        intake_refuse(table->harvest->intake, INTAKE_BAD, "short_row",
                      "is a row without the column that holds the value", row->line,
                      table->csv.line);
}

/* What parts the columns of the first row, where settings do not say. A URL may hold any of them.
 */
static char likely_separator(struct text body, struct text comment)
{
    static const char others[] = {'\t', ';', '|'};
    struct text line;

    while (text_split(&body, '\n', &line)) {
        struct text trimmed = text_trim(line);

        if (trimmed.size == 0 || text_starts(trimmed, comment))
            continue;
        line = text_slice(line, 0, text_find(line, TEXT("://")));
        for (size_t i = 0; text_find_byte(line, ',') == line.size && i < COUNT_OF(others); i++) {
            if (text_find_byte(line, others[i]) < line.size)
                return others[i];
        }
        break;
    }
    return ',';
}

static char separator_of(const struct profile *profile, struct text body, struct text comment)
{
    if (!profile->separator || !profile->separator[0])
        return likely_separator(body, comment);
    return strcmp(profile->separator, "tab") == 0 ? '\t' : profile->separator[0];
}

/* "sep=;", which Excel writes before the header. */
static void take_separator(struct text *body, char *separator)
{
    struct text rest = *body, line;

    if (!text_split(&rest, '\n', &line) || !text_starts(line, TEXT("sep=")) || line.size < 5)
        return;
    *separator = line.bytes[4];
    *body = rest;
}

static int csv_parse(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    struct table table = {.harvest = harvest};
    struct csv_row row;
    enum csv_result result;
    const char *set = harvest->profile.comment, *comment = set && set[0] ? set : "#";
    struct text body = answer->body;
    char separator = separator_of(&harvest->profile, body, text_of(comment));

    (void)err;
    take_separator(&body, &separator);
    csv_start(&table.csv, body, separator, comment);
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
