#include "cli/commands/scan_report.h"

#include <inttypes.h>

#include "cli/paint.h"
#include "cli/printable.h"
#include "cli/progress.h"

enum { TEXTS_TOLD_APART = 100000, TOP = 10, TYPES = 50 };

void scan_report_init(struct scan_report *report)
{
    *report = (struct scan_report){.event_types = tally_new(TEXTS_TOLD_APART),
                                   .sources = tally_new(TEXTS_TOLD_APART)};
}

void scan_report_done(struct scan_report *report)
{
    tally_free(report->event_types);
    tally_free(report->sources);
}

void scan_report_count(struct scan_report *report, const struct event *event)
{
    report->events++;
    report->by_level[event->threat_level]++;
    tally_add(report->event_types, event->event_type);
    if (event->source_ip.size)
        tally_add(report->sources, event->source_ip);
}

static void add_json_tally(const char *name, const struct tally *tally, size_t size,
                           struct buf *out)
{
    struct tally_row rows[TYPES];
    size_t count = tally_top(tally, rows, size);

    buf_addf(out, ",\"%s\":{", name);
    for (size_t i = 0; i < count; i++) {
        buf_add_string(out, i ? "," : "");
        buf_add_json(out, rows[i].text);
        buf_addf(out, ":%" PRIu64, rows[i].count);
    }
    buf_add_byte(out, '}');
    if (tally_others(tally) > 0)
        buf_addf(out, ",\"%s_not_told_apart\":%" PRIu64, name, tally_others(tally));
}

static void add_json(const struct scan_report *report, struct buf *out)
{
    buf_addf(out,
             "{\"lines\":%" PRIu64 ",\"matched\":%" PRIu64 ",\"undecodable\":%" PRIu64
             ",\"too_long\":%" PRIu64 ",\"events\":%" PRIu64,
             report->lines, report->matched, report->undecodable, report->too_long, report->events);
    if (report->has_alerts)
        buf_addf(out, ",\"alerts\":%" PRIu64, report->alerts);
    buf_addf(out, ",\"seconds\":%.3f,\"levels\":{", (double)report->elapsed_us / 1e6);
    for (int i = LEVEL_CRITICAL; i >= LEVEL_LOW; i--)
        buf_addf(out, "\"%s\":%" PRIu64 "%s", event_levels[i], report->by_level[i],
                 i > LEVEL_LOW ? "," : "}");
    add_json_tally("event_types", report->event_types, TYPES, out);
    add_json_tally("top_sources", report->sources, TOP, out);
    buf_add_string(out, "}\n");
}

static void add_figure(struct buf *out, uint64_t count)
{
    AUTO_BUF digits = {0};

    progress_add_count(&digits, count);
    buf_addf(out, "%15s  ", buf_string(&digits));
}

static void add_figures(const char *title, const struct tally *tally, size_t size, bool colour,
                        struct buf *out)
{
    struct tally_row rows[TYPES];
    size_t count = tally_top(tally, rows, size);

    if (count == 0)
        return;
    buf_add_byte(out, '\n');
    paint_add(out, PAINT_BOLD, colour, title);
    buf_add_byte(out, '\n');
    for (size_t i = 0; i < count; i++) {
        add_figure(out, rows[i].count);
        printable_add(out, rows[i].text, SIZE_MAX);
        buf_add_byte(out, '\n');
    }
    if (tally_others(tally) > 0) {
        add_figure(out, tally_others(tally));
        buf_addf(out, "of others than the first %d, not told apart\n", TEXTS_TOLD_APART);
    }
}

static void add_table(const struct scan_report *report, bool colour, struct buf *out)
{
    const struct {
        uint64_t count;
        const char *what;
    } rows[] = {{report->lines, "lines"},
                {report->matched, "with an event"},
                {report->undecodable, "undecodable"},
                {report->too_long, "longer than 1 MiB"},
                {report->events, "events"},
                {report->alerts, "alerts"}};

    for (size_t i = 0; i < COUNT_OF(rows) - !report->has_alerts; i++) {
        add_figure(out, rows[i].count);
        buf_addf(out, "%s\n", rows[i].what);
    }
    buf_addf(out, "%15.2f  seconds\n\n", (double)report->elapsed_us / 1e6);
    paint_add(out, PAINT_BOLD, colour, "LEVELS");
    buf_add_byte(out, '\n');
    for (int i = LEVEL_CRITICAL; i >= LEVEL_LOW; i--) {
        add_figure(out, report->by_level[i]);
        paint_add(out, paint_of_level(i), colour, event_levels[i]);
        buf_add_byte(out, '\n');
    }
    add_figures("EVENTS", report->event_types, TYPES, colour, out);
    add_figures("TOP SOURCES", report->sources, TOP, colour, out);
}

void scan_report_write(const struct scan_report *report, enum output output, bool colour,
                       struct buf *out)
{
    if (output == OUTPUT_TABLE)
        add_table(report, colour, out);
    else
        add_json(report, out);
}

void scan_report_write_line(const struct scan_report *report, struct buf *out)
{
    if (report->has_alerts) {
        progress_add_count(out, report->alerts);
        buf_addf(out, " alert%s of ", report->alerts == 1 ? "" : "s");
    }
    progress_add_count(out, report->events);
    buf_addf(out, " event%s on ", report->events == 1 ? "" : "s");
    progress_add_count(out, report->matched);
    buf_add_string(out, " of ");
    progress_add_count(out, report->lines);
    buf_addf(out, " line%s in %.2f s", report->lines == 1 ? "" : "s",
             (double)report->elapsed_us / 1e6);
}
