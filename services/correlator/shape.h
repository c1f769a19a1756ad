/* shape: what in a rule decides which events are in its windows and how its slots are cut.
 *
 * Two versions of a rule of one shape may go on with each other's state; what else differs,
 * thresholds, texts, levels, modes, only decides what is made of it.
 */
#pragma once

#include <stdint.h>

#include "correlator/correlation.h"

enum { SHAPE_BYTES = 6 }; /* each group's state has them for each rule */

/* A number of so many bytes; another for each rule id, too. */
uint64_t shape_of(const struct correlation *rule);
