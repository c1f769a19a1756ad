#include "iocfeed/decay.h"

#include <math.h>

static const double day_ms = 24.0 * 60 * 60 * 1000;

int64_t decay_end(const struct decay *decay, double base, int64_t seen_ms)
{
    if (!(base > decay->threshold))
        return seen_ms;
    double days = decay->lifetime_days * pow(1 - decay->threshold / base, decay->speed);

    return seen_ms + (int64_t)ceil(days * day_ms);
}
