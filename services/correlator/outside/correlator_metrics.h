/* correlator_metrics: what the windows counted, as metrics. */
#pragma once

#include "base/metrics.h"
#include "correlator/shared_windows.h"

struct correlator_metrics;

struct correlator_metrics *correlator_metrics_new(struct metrics *metrics);
void correlator_metrics_free(struct correlator_metrics *self); /* NULL is fine */

void correlator_metrics_alert(struct correlator_metrics *self, const struct alert *alert);
/* Brings the others up to date. */
void correlator_metrics_update(struct correlator_metrics *self,
                               const struct shared_windows *windows);
/* Other rules: after the last update, and before the next. */
void correlator_metrics_begin_rules(struct correlator_metrics *self, size_t rules);
void correlator_metrics_reload(struct correlator_metrics *self, bool is_fine);
