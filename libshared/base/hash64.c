#include "base/hash64.h"

static uint64_t absorb(uint64_t h, uint64_t word)
{
    word *= UINT64_C(0x87C37B91114253D5);
    word ^= word >> 32;
    h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return h << 29 | h >> 35;
}

uint64_t hash64(uint64_t seed, struct text t)
{
    const unsigned char *at = (const unsigned char *)t.bytes;
    uint64_t h = seed ^ ((uint64_t)t.size * UINT64_C(0xC2B2AE3D27D4EB4F));
    size_t left = t.size;
    uint64_t rest = 0;

    for (; left >= 8; left -= 8, at += 8)
        h = absorb(h, hash64_load(at));
    for (size_t i = 0; i < left; i++)
        rest |= (uint64_t)at[i] << (8 * i);
    return hash64_mix(absorb(h, rest));
}
