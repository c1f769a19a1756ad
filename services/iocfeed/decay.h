/* decay: how what was seen once counts less from day to day: MISP's polynomial
 * (misp/app/Model/DecayingModelsFormulas/Polynomial.php).
 *
 *     score = base * (1 - (t / lifetime) ^ (1 / speed))
 *
 * t is the time since it was last seen. A score under the threshold is as good as none.
 */
#pragma once

#include <stdint.h>

struct decay {
    double lifetime_days;
    double speed;     /* above 1 it falls fast at first */
    double threshold; /* in the unit of the base */
};

/* The first time at which the score is under the threshold; @seen_ms where it never was above. */
int64_t decay_end(const struct decay *decay, double base, int64_t seen_ms);
