/* scan_iocs: a file of indicators for `haechi scan`, with the detector's own code and no server. */
#pragma once

#include "detector/detector_settings.h"
#include "detector/ioc_hit.h"

struct scan_iocs;

/* A feed file of any format, told by what it looks like; private and reserved addresses are left
 * out unless @allow_private. NULL with @err. */
struct scan_iocs *scan_iocs_open(const char *path, bool allow_private, int64_t now_ms,
                                 struct error *err);
void scan_iocs_close(struct scan_iocs *iocs); /* NULL is fine */

/* Adds an event to @detections for each indicator that @log names; returns how many there are then.
 * @reputation: of the log's source; negative: nothing is known. */
size_t scan_iocs_match(const struct scan_iocs *iocs, struct text log, const struct source *source,
                       struct entry *entry, const struct detect_origin *origin,
                       const struct detector_settings *settings, struct arena *arena,
                       struct detection **detections, size_t count, double *reputation);
