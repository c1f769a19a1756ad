/* csv: rows of columns, as feeds have them rather than as RFC 4180 wants them.
 *
 * Blanks may stand around quoted fields (ThreatFox parts by comma and blank); a quote inside is
 * doubled or has a backslash before it, or stands as it is where the row then has as many columns
 * as the one before; a quoted field may hold line ends, but a quote that is never closed costs its
 * own line only and not the rest of the feed, which is why this is no packaged library: those that
 * are kept read on to the next quote, wherever it is.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

enum { CSV_MAX_FIELDS = 64, CSV_MAX_ROW_LINES = 64 };

struct csv {
    struct text rest;
    char separator;
    const char *comment;
    uint64_t line; /* of the last row, from 1 */
    uint64_t next; /* line that rest begins with */
    size_t width;  /* columns of the row before, or of the header; 0: not known yet */
};

struct csv_row {
    struct text fields[CSV_MAX_FIELDS]; /* without quotes; borrowed or in the arena */
    size_t count;
    bool quoted;      /* a field was */
    struct text line; /* the row as it stands */
};

enum csv_result {
    CSV_ROW,
    CSV_COMMENT, /* @row->line, without the sign */
    CSV_BAD,     /* @row->line: quotes that do not fit, too many fields */
    CSV_END,
};

void csv_start(struct csv *csv, struct text body, char separator, const char *comment);
/* The next that is not empty. */
enum csv_result csv_next(struct csv *csv, struct arena *arena, struct csv_row *row);

/* The fields of one line; false: its quotes do not fit. */
bool csv_split(struct text line, char separator, struct arena *arena, struct csv_row *row);
