/* reputation: what is thought of an address of which no threat intelligence speaks.
 *
 * 0 is bad, 1 good: 0.5 for private addresses, 0.1 in the listed ranges, 0.5 for all others, 0.3
 * for what is not an address.
 */
#pragma once

#include <stddef.h>

#include "base/cidr.h"

/* In hundredths. @address NULL: the text was none. */
int reputation_of(const struct address *address, const struct cidr *low_ranges, size_t count);
