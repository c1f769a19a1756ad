#include "cli/table.h"

#include <stdint.h>

#include "base/moment.h"
#include "cli/printable.h"

/* Something that is no id, however long, must not push all else off the terminal. */
enum { GAP = 2, LEAST_LAST = 20, LEAST = 8, MOST_WHOLE = 46 };

void table_fit(struct table *table, const struct cell *row)
{
    for (size_t i = 0; i < table->count; i++) {
        size_t needs = printable_columns(row[i].text);
        size_t title = printable_columns(text_of(table->columns[i].title));

        if (title > needs)
            needs = title;
        if (needs > table->columns[i].width)
            table->columns[i].width = needs;
    }
}

static bool is_last(const struct table *table, const struct column *column)
{
    return column == &table->columns[table->count - 1];
}

static size_t least_of(const struct table *table, const struct column *column)
{
    const size_t least = column->least ? column->least : LEAST;

    if (is_last(table, column))
        return column->least ? column->least : LEAST_LAST;
    return column->width < least ? column->width : least;
}

/* What the table takes, each column as wide as @of says. */
static size_t sum(const struct table *table,
                  size_t (*of)(const struct table *table, const struct column *column))
{
    size_t sum = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];

        if (!column->is_dropped)
            sum += of(table, column) + (is_last(table, column) ? 0 : GAP);
    }
    return sum;
}

static size_t wish_of(const struct table *table, const struct column *column)
{
    return is_last(table, column) ? least_of(table, column) : column->width;
}

static struct column *first_to_drop(struct table *table)
{
    struct column *first = NULL;

    for (size_t i = 0; i + 1 < table->count; i++) {
        struct column *column = &table->columns[i];

        if (column->drop && !column->is_dropped && (!first || column->drop < first->drop))
            first = column;
    }
    return first;
}

/* NULL: none can. */
static struct column *widest_to_give_way(struct table *table)
{
    struct column *widest = NULL;

    for (size_t i = 0; i + 1 < table->count; i++) {
        struct column *column = &table->columns[i];

        if (!column->is_dropped && column->width > least_of(table, column) &&
            (!widest || column->width > widest->width))
            widest = column;
    }
    return widest;
}

void table_layout(struct table *table, size_t width)
{
    struct column *last = &table->columns[table->count - 1], *column;

    if (width == 0) {
        last->width = SIZE_MAX;
        return;
    }
    while (sum(table, least_of) > width && (column = first_to_drop(table)))
        column->is_dropped = true;
    while (sum(table, wish_of) > width && (column = widest_to_give_way(table)))
        column->width--;
    const size_t least = least_of(table, last), others = sum(table, wish_of) - least;

    last->width = width > others + least ? width - others : least;
}

/* Returns by how much it is wider than its column. */
static size_t add_cell(const struct table *table, const struct column *column,
                       const struct cell *cell, size_t limit, struct buf *out)
{
    AUTO_BUF shown = {0};
    const size_t used = printable_add(&shown, cell->text, limit);
    const int padding =
        is_last(table, column) || used >= column->width ? 0 : (int)(column->width - used);

    if (column->right)
        buf_addf(out, "%*s", padding, "");
    paint_start(out, cell->paint, table->colour);
    buf_add(out, buf_text(&shown));
    paint_end(out, cell->paint, table->colour);
    if (!is_last(table, column))
        buf_addf(out, "%*s", GAP + (column->right ? 0 : padding), "");
    return used > column->width ? used - column->width : 0;
}

/* What @excess of others leaves of the last column, as far as it can be had. */
static size_t limit_of_last(const struct column *last, size_t excess)
{
    if (last->width == SIZE_MAX || last->width <= LEAST)
        return last->width;
    return last->width - LEAST > excess ? last->width - excess : LEAST;
}

struct text table_time(int64_t ms, bool has_year, struct buf *buf)
{
    moment_write(ms, buf);
    if (buf->size > 19) {
        buf->bytes[10] = ' ';
        buf->size = 19;
    }
    return has_year ? buf_text(buf) : text_slice(buf_text(buf), 5, buf->size);
}

void table_head(const struct table *table, struct buf *out)
{
    struct cell row[TABLE_COLUMNS] = {0};

    for (size_t i = 0; i < table->count; i++)
        row[i] = (struct cell){text_of(table->columns[i].title), PAINT_BOLD};
    table_row(table, row, out);
}

void table_row(const struct table *table, const struct cell *row, struct buf *out)
{
    size_t excess = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];
        size_t limit = column->width;

        if (is_last(table, column))
            limit = limit_of_last(column, excess);
        else if (column->least == TABLE_WHOLE && limit < MOST_WHOLE)
            limit = MOST_WHOLE;
        if (!column->is_dropped)
            excess += add_cell(table, column, &row[i], limit, out);
    }
    buf_add_byte(out, '\n');
}

void table_write(struct table *table, const struct cell *rows, size_t count, size_t width,
                 struct buf *out)
{
    for (size_t i = 0; i < count; i++)
        table_fit(table, rows + i * table->count);
    table_layout(table, width);
    table_head(table, out);
    for (size_t i = 0; i < count; i++)
        table_row(table, rows + i * table->count, out);
}
