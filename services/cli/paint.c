#include "cli/paint.h"

enum paint paint_of_level(int level)
{
    static const enum paint by_level[] = {[LEVEL_LOW] = PAINT_LOW,
                                          [LEVEL_MEDIUM] = PAINT_MEDIUM,
                                          [LEVEL_HIGH] = PAINT_HIGH,
                                          [LEVEL_CRITICAL] = PAINT_CRITICAL};

    return level >= LEVEL_LOW && level <= LEVEL_CRITICAL ? by_level[level] : PAINT_NONE;
}

void paint_start(struct buf *out, enum paint paint, bool is_on)
{
    static const char *const sequences[] = {
        [PAINT_CRITICAL] = "\033[1;31m", [PAINT_HIGH] = "\033[31m", [PAINT_MEDIUM] = "\033[33m",
        [PAINT_LOW] = "\033[36m",        [PAINT_GOOD] = "\033[32m", [PAINT_BAD] = "\033[31m",
        [PAINT_DIM] = "\033[2m",         [PAINT_BOLD] = "\033[1m",
    };

    if (is_on && paint != PAINT_NONE)
        buf_add_string(out, sequences[paint]);
}

void paint_end(struct buf *out, enum paint paint, bool is_on)
{
    if (is_on && paint != PAINT_NONE)
        buf_add_string(out, "\033[0m");
}

void paint_add(struct buf *out, enum paint paint, bool is_on, const char *string)
{
    paint_start(out, paint, is_on);
    buf_add_string(out, string);
    paint_end(out, paint, is_on);
}
