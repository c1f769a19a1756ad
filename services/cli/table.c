#include "cli/table.h"

#include <stdint.h>

#include "base/moment.h"
#include "cli/printable.h"

enum { GAP = 2, LEAST_LAST = 20, LEAST = 8 };

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

static struct column *widest_before_last(struct table *table)
{
    struct column *widest = &table->columns[0];

    for (size_t i = 1; i + 1 < table->count; i++) {
        if (table->columns[i].width > widest->width)
            widest = &table->columns[i];
    }
    return widest;
}

void table_layout(struct table *table, size_t width)
{
    size_t others = (table->count - 1) * GAP;
    struct column *last = &table->columns[table->count - 1];

    if (width == 0) {
        last->width = SIZE_MAX;
        return;
    }
    for (size_t i = 0; i + 1 < table->count; i++)
        others += table->columns[i].width;
    while (others + LEAST_LAST > width && table->count > 1) {
        struct column *widest = widest_before_last(table);

        if (widest->width <= LEAST)
            break;
        widest->width--;
        others--;
    }
    last->width = width > others + LEAST_LAST ? width - others : LEAST_LAST;
}

static void add_cell(const struct table *table, size_t i, const struct cell *cell, struct buf *out)
{
    const struct column *column = &table->columns[i];
    bool is_last = i + 1 == table->count;
    AUTO_BUF shown = {0};
    size_t used = printable_add(&shown, cell->text, column->width);
    int padding = column->width == SIZE_MAX ? 0 : (int)(column->width - used);

    if (column->right)
        buf_addf(out, "%*s", padding, "");
    paint_start(out, cell->paint, table->colour);
    buf_add(out, buf_text(&shown));
    paint_end(out, cell->paint, table->colour);
    if (!is_last)
        buf_addf(out, "%*s", GAP + (column->right ? 0 : padding), "");
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
    for (size_t i = 0; i < table->count; i++)
        add_cell(table, i, &row[i], out);
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
