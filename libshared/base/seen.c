#include "base/seen.h"

#include "base/hash64.h"

uint64_t seen_hash(struct text tenant, enum ioc_type type, struct text value)
{
    return hash64(hash64(0, tenant) + (uint64_t)type * UINT64_C(0xA0761D6478BD642F), value);
}

size_t seen_block(uint64_t hash, size_t bytes)
{
    uint64_t blocks = bytes / SEEN_BLOCK;

    return (size_t)((hash >> 32) * blocks >> 32) * SEEN_BLOCK;
}

size_t seen_bit(uint64_t hash, int i, unsigned char *mask)
{
    unsigned bit = (unsigned)(hash64_mix(hash) >> (7 * i)) & (SEEN_BLOCK * 8 - 1);

    *mask = (unsigned char)(1 << (bit % 8));
    return bit / 8;
}

bool seen_has(const unsigned char block[SEEN_BLOCK], uint64_t hash)
{
    for (int i = 0; i < SEEN_BITS; i++) {
        unsigned char mask;
        size_t byte = seen_bit(hash, i, &mask);

        if (!(block[byte] & mask))
            return false;
    }
    return true;
}
