/* table: rows under one another, for people.
 *
 * Rows are written as they come, so that a table can begin before its end is known: the widths are
 * set first, from the columns' own wish and the width of the terminal. Cells hold what anybody
 * wrote (printable.h); one that does not fit is cut with "…", unless its column is TABLE_WHOLE:
 * then the last column pays for it. The last column is not padded.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/paint.h"

enum { TABLE_COLUMNS = 8 };

/* As column.least: an id, an address or a time, of which a part is of no use. */
#define TABLE_WHOLE SIZE_MAX

struct column {
    const char *title;
    size_t width; /* columns of the terminal */
    bool right;   /* to the right: numbers */
    size_t least; /* it gives way down to this; 0: to 8, the last column to 20 */
    int drop;     /* where there is no room it is left out: 1 first, then 2, …; 0: never */
    bool is_dropped;
};

struct cell {
    struct text text;
    enum paint paint;
};

struct table {
    struct column columns[TABLE_COLUMNS];
    size_t count;
    bool colour;
};

/* Widens columns that are narrower than their title or what @row holds: for tables whose rows are
 * all at hand. */
void table_fit(struct table *table, const struct cell *row);

/* Makes the table @width wide (0: as wide as it likes) with the last column, which is never left
 * out, taking what the others leave. Where that is too much, columns are left out until what the
 * others need at least has room, and then the widest give way. Every other column keeps the width
 * it has. */
void table_layout(struct table *table, size_t width);

/* "2026-01-31 13:55:36", in UTC, without its year unless @has_year: the text of a cell, borrowed
 * from the empty @buf. */
struct text table_time(int64_t ms, bool has_year, struct buf *buf);

void table_head(const struct table *table, struct buf *out);
void table_row(const struct table *table, const struct cell *row, struct buf *out);

/* A whole table: @count rows of table->count cells each, as wide as they need, and at most @width.
 */
void table_write(struct table *table, const struct cell *rows, size_t count, size_t width,
                 struct buf *out);
