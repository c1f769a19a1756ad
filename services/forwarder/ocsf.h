/* ocsf: alerts as Detection Findings (class 2004) of the Open Cybersecurity Schema
 * Framework, 1.7.0.
 *
 * https://schema.ocsf.io/1.7.0/classes/detection_finding. `time` is the finding's, not the log's.
 * finding_info.uid is the alert_id; revisions of an alert are activities on one finding: Create,
 * Update, Close. metadata.uid is <alert_id>-<revision>.
 */
#pragma once

#include "base/alert.h"
#include "base/buf.h"

/* One line of JSON. */
void ocsf_write(const struct alert *alert, struct buf *out);
