/* pattern_weight: what a pattern costs Hyperscan.
 *
 * Hyperscan is quick where it can look for fixed text first. A pattern in which nothing fixed must
 * stand (`\d{1,3}(\.\d{1,3}){3}`, `[A-Za-z0-9+/]{40,}`) keeps it from that: eight of them made a
 * set of 500 sixteen times slower. A guess from the pattern's text; when in doubt it is not slow.
 */
#pragma once

#include "detector/pattern.h"

/* Would it slow down all others that are looked for with it? */
bool pattern_weight_is_slow(const struct pattern *pattern);

/* How many bytes of the pattern's front are enough for Hyperscan to look for, PCRE2 having the last
 * word: what follows holds little fixed text, so that few more logs are found without it. The front
 * is a pattern itself and matches wherever the whole does. What Hyperscan takes to compile grows
 * with all that may follow: without `[^"]*$` and its like the rules that are shipped compile in 6
 * tenths of the time. The whole size where no such front is found. */
size_t pattern_weight_front(const struct pattern *pattern);
