/* scan_report: what a scan came to, in figures. */
#pragma once

#include "base/event.h"
#include "cli/commands/output.h"
#include "cli/tally.h"

struct scan_report {
    uint64_t lines;
    uint64_t matched; /* lines with an event that is shown */
    uint64_t undecodable;
    uint64_t too_long;
    uint64_t events;
    uint64_t alerts;
    bool has_alerts; /* they were asked for */
    uint64_t by_level[LEVEL_CRITICAL + 1];
    struct tally *event_types; /* owned */
    struct tally *sources;     /* owned */
    int64_t elapsed_us;
};

void scan_report_init(struct scan_report *report);
void scan_report_done(struct scan_report *report);

void scan_report_count(struct scan_report *report, const struct event *event);

/* --summary: a table, or one JSON object. */
void scan_report_write(const struct scan_report *report, enum output output, bool colour,
                       struct buf *out);
/* "12 events on 10 of 1,234 lines in 0.02 s", without a line end. */
void scan_report_write_line(const struct scan_report *report, struct buf *out);
