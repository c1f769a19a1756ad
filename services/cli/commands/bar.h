/* bar: the progress bar at the foot of a terminal, on stderr. Elsewhere nothing is drawn. */
#pragma once

#include "cli/commands/terminal.h"
#include "cli/progress.h"

struct bar {
    struct terminal terminal;
    int64_t started_us;
    int64_t drawn_us; /* last time; 0: it is not there */
    bool is_shown;
};

void bar_init(struct bar *bar);
/* Draws it, but no more often than five times a second, and not in the first half second: what is
 * done by then needs none. Fills in @progress->elapsed_us. */
void bar_draw(struct bar *bar, struct progress *progress);
/* Takes it away, for what is to be printed. */
void bar_clear(struct bar *bar);
