#include "cli/commands/bar.h"

#include "io/clock.h"

enum { FIRST_US = 500000, BETWEEN_US = 200000 };

void bar_init(struct bar *bar)
{
    *bar = (struct bar){.terminal = terminal_of(stderr), .started_us = clock_monotonic_us()};
}

void bar_draw(struct bar *bar, struct progress *progress)
{
    int64_t now_us = clock_monotonic_us();
    AUTO_BUF line = {0};

    progress->elapsed_us = now_us - bar->started_us;
    if (!bar->terminal.is_terminal || progress->elapsed_us < FIRST_US ||
        now_us - bar->drawn_us < BETWEEN_US)
        return;
    /* The last column stays free: a terminal may go on to the next line when it is written. */
    progress_write(progress, bar->terminal.width - 1, &line);
    fprintf(stderr, "\r%s\033[K", buf_string(&line));
    fflush(stderr);
    bar->drawn_us = now_us;
    bar->is_shown = true;
}

void bar_clear(struct bar *bar)
{
    if (!bar->is_shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    bar->is_shown = false;
    bar->drawn_us = 0;
}
