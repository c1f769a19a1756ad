#include "io/chance.h"

#include <sys/random.h>

#include "io/clock.h"

uint64_t chance_number(void)
{
    uint64_t number = 0;

    /* It does not fail once the machine is up; were it to, the clock would still tell workers
     * apart. */
    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
        number = (uint64_t)clock_monotonic_us() * UINT64_C(0x9E3779B97F4A7C15);
    return number;
}
