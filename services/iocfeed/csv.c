#include "iocfeed/csv.h"

#include "base/mem.h"

void csv_start(struct csv *csv, struct text body, char separator, const char *comment)
{
    *csv = (struct csv){.rest = body, .separator = separator, .comment = comment, .next = 1};
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* The field in quotes that begins at *@at, of which the first is the opening one. False: it is not
 * closed, or something stands behind it. */
static bool quoted_field(struct text line, size_t *at, char separator, struct arena *arena,
                         struct text *field)
{
    char *bytes = arena_take(arena, line.size - *at);
    size_t size = 0, i = *at + 1;

    for (;; i++) {
        if (i >= line.size)
            return false;
        if (line.bytes[i] == '"') {
            if (i + 1 >= line.size || line.bytes[i + 1] != '"')
                break;
            i++;
        } else if (line.bytes[i] == '\\' && i + 1 < line.size && line.bytes[i + 1] == '"' &&
                   i + 2 < line.size && line.bytes[i + 2] != separator) {
            i++;
        }
        bytes[size++] = line.bytes[i];
    }
    i++;
    while (i < line.size && is_blank(line.bytes[i]) && line.bytes[i] != separator)
        i++;
    *at = i;
    *field = (struct text){bytes, size};
    return i == line.size || line.bytes[i] == separator;
}

/* Does the quote at @at close its field? One does behind which the field ends. */
static bool is_closing(struct text line, size_t at, char separator)
{
    size_t end = at + 1;

    while (end < line.size && is_blank(line.bytes[end]) && line.bytes[end] != separator)
        end++;
    return end == line.size || line.bytes[end] == separator;
}

/* Likewise where quotes inside are not marked as such: "a, "b".exe". */
static bool loose_field(struct text line, size_t *at, char separator, struct text *field)
{
    size_t from = *at + 1, to = from;

    while (to < line.size && !(line.bytes[to] == '"' && is_closing(line, to, separator)))
        to++;
    if (to == line.size)
        return false;
    *field = text_slice(line, from, to);
    *at = to + 1 + text_find_byte(text_slice(line, to + 1, line.size), separator);
    return true;
}

/* Takes one field at *@at. */
static bool take_field(struct text line, size_t *at, char separator, bool is_loose,
                       struct arena *arena, struct csv_row *row)
{
    size_t start = *at;
    struct text *field = &row->fields[row->count++];

    while (start < line.size && is_blank(line.bytes[start]) && line.bytes[start] != separator)
        start++;
    if (start < line.size && line.bytes[start] == '"') {
        row->quoted = true;
        *at = start;
        return is_loose ? loose_field(line, at, separator, field)
                        : quoted_field(line, at, separator, arena, field);
    }
    *at = start + text_find_byte(text_slice(line, start, line.size), separator);
    *field =
        text_trim((struct text){line.bytes + start, *at - start}); /* where it is, even if empty */
    return true;
}

static bool split(struct text line, char separator, bool is_loose, struct arena *arena,
                  struct csv_row *row)
{
    size_t at = 0;

    *row = (struct csv_row){.line = line};
    if (line.size == 0)
        return true;
    for (;;) {
        if (row->count == CSV_MAX_FIELDS || !take_field(line, &at, separator, is_loose, arena, row))
            return false;
        if (at >= line.size)
            return true;
        at++; /* a separator at the end has an empty field behind it */
    }
}

bool csv_split(struct text line, char separator, struct arena *arena, struct csv_row *row)
{
    return split(line, separator, false, arena, row);
}

/* Does a quote that @line opens reach into the next line? */
static bool is_open(struct text line)
{
    bool open = false;

    for (size_t i = 0; i < line.size; i++)
        open ^= line.bytes[i] == '"';
    return open;
}

/* A row over several lines, of which @first is the first: the longest wait for the closing quote is
 * CSV_MAX_ROW_LINES. False: there is no such row, and nothing was taken. */
static bool join_lines(struct csv *csv, struct text first, struct arena *arena, struct csv_row *row)
{
    struct text rest = csv->rest, line, whole = first;

    for (int lines = 1; lines < CSV_MAX_ROW_LINES && text_split(&rest, '\n', &line); lines++) {
        whole.size = (size_t)(line.bytes + line.size - whole.bytes);
        if (!is_open(line))
            continue;
        if (!csv_split(text_trim(whole), csv->separator, arena, row))
            return false;
        csv->rest = rest;
        csv->next += (uint64_t)lines;
        return true;
    }
    return false;
}

/* The row that @line is, or begins. */
static bool read_row(struct csv *csv, struct text line, struct text raw, struct arena *arena,
                     struct csv_row *row)
{
    return csv_split(line, csv->separator, arena, row) ||
           (split(line, csv->separator, true, arena, row) && row->count == csv->width) ||
           (is_open(raw) && join_lines(csv, raw, arena, row));
}

enum csv_result csv_next(struct csv *csv, struct arena *arena, struct csv_row *row)
{
    struct text line;

    while (text_split(&csv->rest, '\n', &line)) {
        struct text raw = line;

        csv->line = csv->next++;
        /* A tab at either end parts fields where it is the separator. */
        while (line.size && strchr("\r ", line.bytes[line.size - 1]))
            line.size--;
        if (text_trim(line).size == 0)
            continue;
        if (text_starts(text_trim(line), text_of(csv->comment))) {
            line = text_trim(line);
            row->line = text_slice(line, strlen(csv->comment), line.size);
            return CSV_COMMENT;
        }
        if (read_row(csv, line, raw, arena, row)) {
            csv->width = row->count;
            return CSV_ROW;
        }
        row->line = line;
        return CSV_BAD;
    }
    return CSV_END;
}
