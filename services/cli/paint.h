/* paint: colours of a terminal (ECMA-48 SGR), by what they mean. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/event.h"

enum paint {
    PAINT_NONE,
    PAINT_CRITICAL,
    PAINT_HIGH,
    PAINT_MEDIUM,
    PAINT_LOW,
    PAINT_GOOD,
    PAINT_BAD,
    PAINT_DIM,
    PAINT_BOLD,
};

enum paint paint_of_level(int level);

/* Both do nothing when @is_on is false or @paint is PAINT_NONE. */
void paint_start(struct buf *out, enum paint paint, bool is_on);
void paint_end(struct buf *out, enum paint paint, bool is_on);

/* Our own text, painted; what others wrote goes through printable_add(). */
void paint_add(struct buf *out, enum paint paint, bool is_on, const char *string);
