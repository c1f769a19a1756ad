/* cidr: ranges of addresses. */
#pragma once

#include "base/address.h"

struct cidr {
    struct address first;
    int prefix; /* 0 to 128; of the mapped form, so an IPv4 /8 is 104 */
};

/* "10.0.0.0/8", or an address alone. Bits behind the prefix are cleared. */
bool cidr_parse(struct text t, struct cidr *cidr);
/* The range with a shorter @prefix that holds @cidr. */
struct cidr cidr_widen(const struct cidr *cidr, int prefix);
bool cidr_contains(const struct cidr *cidr, const struct address *address);
