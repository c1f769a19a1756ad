/* metrics: counters, gauges and histograms, and their Prometheus text.
 *
 * Made once at start, changed from any thread (relaxed atomics), rendered by the HTTP thread while
 * they change. A series is a family name plus at most two labels; asking again for the same series
 * gives the same one. Names follow the Prometheus conventions: haechi_<service>_…, base units,
 * counters end in _total.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"

struct metrics;
struct counter;
struct gauge;
struct histogram;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);
AUTO_FREE(metrics)

struct metric_label {
    const char *name; /* NULL: no label */
    const char *value;
};

/* @name and @help are copied, as are the labels. The result lives as long as @metrics. */
struct counter *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                                struct metric_label label, struct metric_label second);
struct gauge *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                            struct metric_label label, struct metric_label second);
/* Buckets for durations in seconds, 100 µs to 60 s. */
struct histogram *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                    struct metric_label label);
#define NO_LABEL ((struct metric_label){NULL, NULL})
#define LABEL(name, value) ((struct metric_label){(name), (value)})

void metrics_add(struct counter *counter, uint64_t more);
uint64_t metrics_value(const struct counter *counter);
void metrics_set(struct gauge *gauge, double value);
double metrics_read(const struct gauge *gauge);
void metrics_observe(struct histogram *histogram, double seconds);

/* A gauge series that no longer means anything (a revoked partition's lag) is not rendered until
 * it is set again. */
void metrics_hide(struct gauge *gauge);

/* Prometheus text exposition format 0.0.4. */
void metrics_render(struct metrics *metrics, struct buf *out);
