#include "detector/reputation.h"

enum { LISTED = 10, NO_ADDRESS = 30, NEUTRAL = 50 };

int reputation_of(const struct address *address, const struct cidr *low_ranges, size_t count)
{
    if (!address)
        return NO_ADDRESS;
    if (address_is_private(address))
        return NEUTRAL; /* before the ranges: a private address cannot be listed by mistake */
    for (size_t i = 0; i < count; i++) {
        if (cidr_contains(&low_ranges[i], address))
            return LISTED;
    }
    return NEUTRAL;
}
