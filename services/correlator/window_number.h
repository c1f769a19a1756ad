/* window_number: sums, averages and percentiles of a window, in whole thousandths. */
#pragma once

#include "correlator/correlation.h"
#include "correlator/series.h"

/* A decimal number, as 12, -0.5, +.25 or 1e3, rounded to thousandths, half away from zero. False
 * for anything else, and beyond 9e15. */
bool window_number_parse(struct text text, int64_t *thousandths);

/* Whether the window of a value_sum, value_avg or value_percentile that ends at @at_ms meets the
 * rule's bounds. Exact: an average is not rounded before it is compared. */
bool window_number_holds(const struct correlation *rule, const struct series *series,
                         int64_t at_ms);
