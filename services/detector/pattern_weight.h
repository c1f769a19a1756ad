/* pattern_weight: would a pattern slow down all others that are looked for with it?
 *
 * Hyperscan is quick where it can look for fixed text first. A pattern in which nothing fixed must
 * stand (`\d{1,3}(\.\d{1,3}){3}`, `[A-Za-z0-9+/]{40,}`) keeps it from that: eight of them made a
 * set of 500 sixteen times slower. A guess from the pattern's text; when in doubt it is not slow.
 */
#pragma once

#include "detector/pattern.h"

bool pattern_weight_is_slow(const struct pattern *pattern);
