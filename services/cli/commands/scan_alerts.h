/* scan_alerts: the correlator's windows over what a scan finds.
 *
 * No clock: time is that of the newest event, and when the input ends every alert says its last.
 * Events of several logs of the same days are gathered, and come to the windows by time.
 */
#pragma once

#include "cli/commands/correlation_files.h"
#include "correlator/windows.h"

struct scan_alerts;

/* How events come to the windows. */
enum scan_alerts_way {
    SCAN_ALERTS_AT_ONCE,
    SCAN_ALERTS_UPDATES,  /* the same; alerts come as they open and change, not once at the end */
    SCAN_ALERTS_GATHERED, /* at the end, by time */
};

/* NULL with @err. */
struct scan_alerts *scan_alerts_open(const struct correlation_options *options,
                                     enum scan_alerts_way way, struct error *err);
void scan_alerts_close(struct scan_alerts *alerts); /* NULL is fine */

/* The paths of log fields that the rules look at: what events have to carry. Borrowed. */
const struct text_list *scan_alerts_fields(const struct scan_alerts *alerts);

/* Alerts that are new since the last call; they live until the next. */
size_t scan_alerts_feed(struct scan_alerts *alerts, const struct event *event,
                        struct alert **found);
size_t scan_alerts_finish(struct scan_alerts *alerts, struct alert **found);

/* How many events came too late for a window; their alerts may count too few. */
uint64_t scan_alerts_late(const struct scan_alerts *alerts);
