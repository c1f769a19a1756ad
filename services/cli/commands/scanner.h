/* scanner: the detector's pure code over the lines of files, with windows in memory. */
#pragma once

#include "cli/commands/correlation_files.h"
#include "cli/commands/rule_files.h"
#include "detector/detect.h"

struct scan_options {
    struct rule_options rules;
    int format; /* enum source_format */
    const char *timezone;
    struct text_list logsource;
    struct text_list geo;
    const char *iocs;   /* a feed file; NULL: none */
    bool allow_private; /* in it */
    int min_level;      /* enum threat_level: of what is shown */
    int fail_on;        /* of what makes the status 1; -1: nothing */
    int output;         /* enum output */
    bool summary;
    bool alerts; /* instead of events */
    bool updates;
    struct correlation_options correlations;
};

enum { SCANNER_MAX_LOG_BYTES = 1024 * 1024 };

struct scanner;

/* NULL with @err: a rule, a database, a zone. @options are borrowed, and so are @fields: paths of
 * log fields that events are to carry; NULL: none. */
struct scanner *scanner_open(const struct scan_options *options, const struct text_list *fields,
                             struct error *err);
void scanner_close(struct scanner *scanner); /* NULL is fine */

/* What time it is, for what follows. */
void scanner_set_time(struct scanner *scanner, int64_t now_ms);

/* The finished events of one log, line @number of @file; they live until the next call. Less than
 * 0: the line is not valid in its format. */
ptrdiff_t scanner_line(struct scanner *scanner, struct text file, uint64_t number, struct text line,
                       struct detection **detections, struct error *err);
