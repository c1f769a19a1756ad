/* progress: one line that says how far long work is, how fast it goes and when it will be done.
 *
 * Pure: the caller knows the time and the terminal, and writes the line again about five times a
 * second.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

struct progress {
    struct text name;   /* of what is being worked on */
    uint64_t done;      /* bytes */
    uint64_t total;     /* bytes; 0: not known (a pipe) */
    uint64_t items;     /* lines so far */
    int64_t elapsed_us; /* since the start */
};

/* "access.log  ━━━━━━━╸────  62 %  1,204,000 lines/s  0:03 left": at most @width columns, no line
 * end. */
void progress_write(const struct progress *progress, size_t width, struct buf *out);

/* 1234567 as "1,234,567". */
void progress_add_count(struct buf *out, uint64_t count);
