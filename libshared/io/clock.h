/* clock: the only place that asks what time it is. */
#pragma once

#include <stdint.h>

int64_t clock_now_ms(void);       /* since the epoch */
int64_t clock_monotonic_us(void); /* since some start, never backwards: for durations */
