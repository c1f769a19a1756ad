/* sieve_parts: what the files of sieve share. */
#pragma once

#include "base/hash64.h"
#include "base/sieve.h"

/* A type of our own beside enum ioc_type: the host of a listed URL. */
enum { SIEVE_URL_HOST = IOC_TYPES };

struct sieve {
    struct bloom *filter;
    struct cidr_table *ranges;
};

static inline uint64_t sieve_hash(const struct sieve *sieve, int type, struct text value)
{
    return hash64(bloom_seed(sieve->filter) + (uint64_t)type * UINT64_C(0xA0761D6478BD642F), value);
}
