/* lines: a stream of bytes cut into lines, without a copy for each.
 *
 * The caller reads into lines_room(), says how much, and takes lines until more is needed. A line
 * ends with \n or \r\n, which are not part of it; the last needs no end. A line over the limit is
 * never held: it is passed over and told once. Memory is fixed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"

struct lines;

/* Lines of at most @limit bytes, read in blocks of at least @block. */
struct lines *lines_new(size_t limit, size_t block);
void lines_free(struct lines *lines); /* NULL is fine */
AUTO_FREE(lines)

/* Where to put the next *@size bytes (at least the block). Lines given out become invalid. */
char *lines_room(struct lines *lines, size_t *size);
/* @size bytes have been put there; 0: that was the end. */
void lines_fed(struct lines *lines, size_t size);

enum lines_result {
    LINES_LINE,
    LINES_TOO_LONG, /* a line over the limit ended here */
    LINES_MORE,     /* feed it */
    LINES_END,
};

/* The next line, which lives until lines_room(). */
enum lines_result lines_next(struct lines *lines, struct text *line);

/* How many lines lines_next() has told of: the number of the last one, from 1. */
uint64_t lines_count(const struct lines *lines);
