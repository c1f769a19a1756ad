#include "cli/commands/scan.h"

#include <inttypes.h>

#include "cli/commands/alert_show.h"
#include "cli/commands/bar.h"
#include "cli/commands/event_show.h"
#include "cli/commands/input.h"
#include "cli/commands/levels.h"
#include "cli/commands/logsource.h"
#include "cli/commands/scan_alerts.h"
#include "cli/commands/scan_report.h"
#include "cli/commands/scanner.h"
#include "io/clock.h"

enum { FLUSH_AT = 64 * 1024, FOUND = 3 };

struct scan {
    const struct arguments *arguments;
    const struct scan_options *options;
    struct scanner *scanner;
    struct event_show show;
    struct scan_alerts *alerts; /* NULL: events are shown */
    struct alert_show alert_show;
    struct scan_report report;
    struct bar bar;
    struct buf out;
    bool has_failed; /* a file could not be read, or the output not written */
    bool has_level;  /* an event, or alert, of at least --fail-on */
    /* The file being read. */
    const char *path;
    struct input *input;
    uint64_t lines_before; /* of the files before it */
    struct remark {
        uint64_t count, first; /* lines; number of the first */
        char text[200];
    } undecodable, too_long;
};

static void flush(struct scan *scan)
{
    if (scan->out.size == 0)
        return;
    bar_clear(&scan->bar);
    if (!output_print(scan->arguments, scan->show.output, buf_text(&scan->out)))
        scan->has_failed = true;
    buf_reset(&scan->out);
}

/* The moment before the next block of the file: what was found is shown, and how far it is. */
static void before_read(void *self)
{
    struct scan *scan = self;

    flush(scan);
    scanner_set_time(scan->scanner, clock_now_ms());
    if (!scan->input)
        return;
    struct progress progress = {.name = text_of(scan->path),
                                .done = input_done(scan->input),
                                .total = input_size(scan->input),
                                .items = scan->lines_before + input_number(scan->input)};

    bar_draw(&scan->bar, &progress);
}

static void note(struct remark *remark, uint64_t number, const char *text)
{
    if (remark->count++ > 0)
        return;
    remark->first = number;
    snprintf(remark->text, sizeof(remark->text), "%s", text);
}

static void note_level(struct scan *scan, int level, int mode)
{
    if (scan->options->fail_on >= 0 && level >= scan->options->fail_on && mode == MODE_ALERT)
        scan->has_level = true;
}

static void show_alerts(struct scan *scan, const struct alert *alerts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct alert *alert = &alerts[i];

        note_level(scan, alert->severity, alert->mode);
        if (alert->severity < scan->options->min_level)
            continue;
        /* Of an alert that is shown again and again the first counts. */
        scan->report.alerts += !scan->options->updates || alert->revision == 0;
        if (!scan->options->summary)
            alert_show_add(&scan->alert_show, alert, &scan->out);
        if (scan->out.size >= FLUSH_AT)
            flush(scan);
    }
}

static void correlate(struct scan *scan, const struct event *event)
{
    struct alert *alerts;
    size_t count = scan_alerts_feed(scan->alerts, event, &alerts);

    scan_report_count(&scan->report, event);
    show_alerts(scan, alerts, count);
}

static void show_events(struct scan *scan, const struct detection *detections, size_t count)
{
    bool is_matched = false;

    for (size_t i = 0; i < count; i++) {
        const struct event *event = &detections[i].event;

        if (scan->alerts) {
            is_matched = true;
            correlate(scan, event);
            continue;
        }
        note_level(scan, event->threat_level, event->mode);
        if (event->threat_level < scan->options->min_level)
            continue;
        is_matched = true;
        scan_report_count(&scan->report, event);
        if (!scan->options->summary)
            event_show_add(&scan->show, event, &scan->out);
    }
    scan->report.matched += is_matched;
    if (scan->out.size >= FLUSH_AT)
        flush(scan);
}

static void scan_line(struct scan *scan, struct text line)
{
    struct detection *detections = NULL;
    struct error err;
    uint64_t number = input_number(scan->input);
    ptrdiff_t count = 0;

    if (line.size == 0)
        return;
    count = scanner_line(scan->scanner, text_of(scan->path), number, line, &detections, &err);
    if (count < 0)
        note(&scan->undecodable, number, err.text);
    else if (count > 0)
        show_events(scan, detections, (size_t)count);
}

static void complain(struct scan *scan, const struct remark *remark, const char *what)
{
    struct error err;

    if (remark->count == 0)
        return;
    error_set(&err, -1, "%s: %" PRIu64 " line%s %s; the first is line %" PRIu64 "%s%s", scan->path,
              remark->count, remark->count == 1 ? "" : "s", what, remark->first,
              remark->text[0] ? ": " : "", remark->text);
    terminal_complain(scan->arguments, &err);
}

static void scan_lines(struct scan *scan)
{
    struct error err = {0};
    struct text line;

    for (;;) {
        switch (input_line(scan->input, &line, &err)) {
        case INPUT_LINE:
            scan_line(scan, line);
            break;
        case INPUT_TOO_LONG:
            note(&scan->too_long, input_number(scan->input), "");
            break;
        case INPUT_FAILED:
            flush(scan);
            bar_clear(&scan->bar);
            terminal_complain(scan->arguments, &err);
            scan->has_failed = true;
            return;
        case INPUT_END:
            return;
        }
        if (scan->has_failed && ferror(stdout))
            return;
    }
}

static void scan_file(struct scan *scan, const char *path)
{
    struct error err = {0};

    scan->path = path;
    scan->undecodable = scan->too_long = (struct remark){0};
    scan->input = NULL; /* not to be asked how far it is while it is opened */
    scan->input = input_open(path, SCANNER_MAX_LOG_BYTES, before_read, scan, &err);
    if (!scan->input) {
        terminal_complain(scan->arguments, &err);
        scan->has_failed = true;
        return;
    }
    scan_lines(scan);
    flush(scan);
    bar_clear(&scan->bar);
    complain(scan, &scan->undecodable, "could not be decoded");
    complain(scan, &scan->too_long, "longer than 1 MiB passed over");
    scan->report.undecodable += scan->undecodable.count;
    scan->report.too_long += scan->too_long.count;
    scan->lines_before += input_number(scan->input);
    input_close(scan->input);
    scan->input = NULL;
}

static void finish_alerts(struct scan *scan)
{
    struct alert *alerts;
    size_t count = scan_alerts_finish(scan->alerts, &alerts);
    uint64_t late = scan_alerts_late(scan->alerts);
    struct error err;

    show_alerts(scan, alerts, count);
    flush(scan);
    if (late == 0)
        return;
    error_set(&err, -1,
              "%" PRIu64 " time%s an event came over 10 minutes behind others of its window and "
              "was not counted there; give older files first",
              late, late == 1 ? "" : "s");
    terminal_complain(scan->arguments, &err);
}

static void report(struct scan *scan)
{
    scan->report.lines = scan->lines_before;
    scan->report.elapsed_us = clock_monotonic_us() - scan->bar.started_us;
    if (scan->options->summary)
        scan_report_write(&scan->report, scan->show.output, scan->show.table.colour, &scan->out);
    flush(scan);
    if (scan->options->summary || scan->show.output != OUTPUT_TABLE ||
        !scan->bar.terminal.is_terminal)
        return;
    AUTO_BUF line = {0};

    scan_report_write_line(&scan->report, &line);
    fprintf(stderr, "%s\n", buf_string(&line));
}

/* Logs of the same days come one after the other: their events have to be put in order. What comes
 * from a program may have no end. */
static enum scan_alerts_way way_of(const struct scan *scan)
{
    const struct arguments *arguments = scan->arguments;

    if (scan->options->updates)
        return SCAN_ALERTS_UPDATES;
    for (size_t i = 0; i < arguments->count; i++) {
        if (strcmp(arguments->operands[i], "-") == 0)
            return SCAN_ALERTS_AT_ONCE;
    }
    return arguments->count > 1 ? SCAN_ALERTS_GATHERED : SCAN_ALERTS_AT_ONCE;
}

static bool open(struct scan *scan, struct error *err)
{
    const struct scan_options *options = scan->options;

    if (options->updates && !options->alerts) {
        error_set(err, -1, "--updates is about alerts; add --alerts");
        return false;
    }
    if (options->alerts) {
        scan->alerts = scan_alerts_open(&options->correlations, way_of(scan), err);
        if (!scan->alerts)
            return false;
        alert_show_init(&scan->alert_show, options->output, options->updates, false);
    }
    scan->report.has_alerts = options->alerts;
    scan->scanner =
        scanner_open(options, scan->alerts ? scan_alerts_fields(scan->alerts) : NULL, err);
    return scan->scanner;
}

static int run(const struct arguments *arguments)
{
    struct scan scan = {.arguments = arguments, .options = arguments->config};
    struct error err = {0};

    scan_report_init(&scan.report);

    if (!open(&scan, &err)) {
        terminal_complain(arguments, &err);
        scan_report_done(&scan.report);
        scan_alerts_close(scan.alerts);
        return 2;
    }
    event_show_init(&scan.show, scan.options->output, true);
    bar_init(&scan.bar);
    for (size_t i = 0; i < arguments->count && !ferror(stdout); i++)
        scan_file(&scan, arguments->operands[i]);
    if (scan.alerts)
        finish_alerts(&scan);
    report(&scan);
    scan_report_done(&scan.report);
    scanner_close(scan.scanner);
    scan_alerts_close(scan.alerts);
    buf_done(&scan.out);
    return scan.has_level ? FOUND : scan.has_failed ? 1 : 0;
}

static const struct option_row rows[] = {
    {"format", 'f', OPTION_CHOICE, offsetof(struct scan_options, format), "FORMAT",
     LOGSOURCE_FORMAT_HELP, logsource_formats, 0, 0},
    RULE_FILES_OPTIONS(scan_options),
    {"alerts", 'a', OPTION_ON, offsetof(struct scan_options, alerts), NULL,
     "show alerts, as the correlator would write them, instead of events; several files are taken "
     "as "
     "one, by time",
     NULL, 0, 0},
    {"updates", 'u', OPTION_ON, offsetof(struct scan_options, updates), NULL,
     "with --alerts: show each alert when it opens and whenever it changes, not once at the end",
     NULL, 0, 0},
    CORRELATION_FILES_OPTIONS(scan_options),
    MIN_LEVEL_OPTION("min-level", scan_options, "events, or alerts,"),
    {"fail-on", 0, OPTION_CHOICE, offsetof(struct scan_options, fail_on), "LEVEL",
     "exit with status 3 if there is an event, or alert, of at least this level", levels_names, 0,
     0},
    {"summary", 's', OPTION_ON, offsetof(struct scan_options, summary), NULL,
     "show only totals: lines, events by level and type, the most frequent sources", NULL, 0, 0},
    OUTPUT_OPTION(scan_options, output),
    {"geo", 'g', OPTION_TEXTS, offsetof(struct scan_options, geo), "FILE.mmdb",
     "database in MaxMind's format: country or city, ASN, anonymous IP; may be repeated", NULL, 0,
     0},
    {"iocs", 'i', OPTION_TEXT, offsetof(struct scan_options, iocs), "FILE",
     "indicators to look for: a feed file of any format that haechi ioc import reads", NULL, 0, 0},
    {"allow-private", 0, OPTION_ON, offsetof(struct scan_options, allow_private), NULL,
     "with --iocs: look for private and reserved addresses too", NULL, 0, 0},
    {"timezone", 'z', OPTION_TEXT, offsetof(struct scan_options, timezone), "ZONE",
     "time zone of logs that name none, such as Asia/Seoul (default: UTC)", NULL, 0, 0},
    {"logsource", 0, OPTION_TEXTS, offsetof(struct scan_options, logsource), "KEY=VALUE",
     LOGSOURCE_HELP, NULL, 0, 0},
    {0},
};

static const struct example examples[] = {
    {"haechi scan /var/log/nginx/access.log", "what happened here?"},
    {"haechi scan --alerts auth.log access.log", "what would have been alerted?"},
    {"haechi scan --min-level high --summary logs/*.gz", "the worst of many files, in figures"},
    {"journalctl -u ssh | haechi scan --format syslog -", "read from another program"},
    {"haechi scan --fail-on critical --output json app.log > events.json",
     "for scripts: JSON lines, and status 3 if something critical was found"},
    {0},
};

static const struct scan_options defaults = {.fail_on = -1};

const struct command scan_command = {
    .name = "scan",
    .summary = "Find attacks in log files",
    .operands = "FILE…",
    .least = 1,
    .most = SIZE_MAX,
    .about =
        "Reads log files line by line, as the detector would from Kafka, and shows an event for "
        "each rule that fires. - is stdin; gzip and Zstandard files are known by their content. No "
        "server is needed.\n\nExit status 0: done; 1: a file could not be read to its end; 2: "
        "wrong "
        "usage, or rules that do not load; 3: there was an event, or alert, of --fail-on, whatever "
        "else could not be read.",
    .examples = examples,
    .options = rows,
    .defaults = &defaults,
    .config_size = sizeof(struct scan_options),
    .run = run,
};
