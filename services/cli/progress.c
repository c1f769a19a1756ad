#include "cli/progress.h"

#include <inttypes.h>

#include "cli/printable.h"

enum { NAME_COLUMNS = 30, LEAST_BAR = 5, MOST_BAR = 40 };

void progress_add_count(struct buf *out, uint64_t count)
{
    if (count >= 1000) {
        progress_add_count(out, count / 1000);
        buf_addf(out, ",%03" PRIu64, count % 1000);
    } else {
        buf_addf(out, "%" PRIu64, count);
    }
}

static double ratio_done(const struct progress *p)
{
    if (p->total == 0)
        return 0;
    return p->done >= p->total ? 1 : (double)p->done / (double)p->total;
}

/* "0:03", "12:40", "2:00:05" */
static void add_duration(struct buf *out, uint64_t seconds)
{
    if (seconds >= 3600)
        buf_addf(out, "%" PRIu64 ":%02" PRIu64, seconds / 3600, seconds / 60 % 60);
    else
        buf_addf(out, "%" PRIu64, seconds / 60);
    buf_addf(out, ":%02" PRIu64, seconds % 60);
}

static void add_figures(struct buf *out, const struct progress *p)
{
    double seconds = (double)p->elapsed_us / 1e6;
    double ratio = ratio_done(p);

    if (p->total)
        buf_addf(out, "%3.0f %%  ", ratio * 100);
    else
        buf_addf(out, "%.1f MB  ", (double)p->done / 1e6);
    if (seconds > 0) {
        progress_add_count(out, (uint64_t)((double)p->items / seconds));
        buf_add_string(out, " lines/s");
    }
    if (ratio > 0 && seconds > 0) {
        buf_add_string(out, "  ");
        add_duration(out, (uint64_t)(seconds / ratio * (1 - ratio) + 0.5));
        buf_add_string(out, " left");
    }
}

static void add_bar(struct buf *out, double ratio, size_t width)
{
    size_t full = (size_t)(ratio * (double)width);

    for (size_t i = 0; i < width; i++)
        buf_add_string(out, i < full ? "━" : i == full ? "╸" : "─");
}

void progress_write(const struct progress *progress, size_t width, struct buf *out)
{
    AUTO_BUF figures = {0};
    size_t limit = width < 3 * NAME_COLUMNS ? width / 3 : NAME_COLUMNS;
    size_t used = printable_add(out, progress->name, limit);

    add_figures(&figures, progress);
    size_t figure_columns = printable_columns(buf_text(&figures));

    buf_add_string(out, "  ");
    used += 2;
    if (progress->total && used + figure_columns + 2 + LEAST_BAR <= width) {
        size_t bar = width - used - figure_columns - 2;

        add_bar(out, ratio_done(progress), bar < MOST_BAR ? bar : MOST_BAR);
        buf_add_string(out, "  ");
        used = 0; /* the rest fits */
    }
    printable_add(out, buf_text(&figures), used ? width - (used < width ? used : width) : width);
}
