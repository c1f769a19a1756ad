/* process_metrics: what this process takes, under the names that Prometheus' client libraries use
 * (prometheus.io/docs/instrumenting/writing_clientlibs, "Process metrics"). Read from /proc at each
 * call. */
#pragma once

#include "base/buf.h"

/* Appends Prometheus text 0.0.4; a figure that cannot be read is left out. */
void process_metrics_render(struct buf *out);
