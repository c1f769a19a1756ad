#include "base/hash64.h"

static uint64_t absorb(uint64_t h, uint64_t word)
{
    word *= UINT64_C(0x87C37B91114253D5);
    word ^= word >> 32;
    h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return h << 29 | h >> 35;
}

static uint64_t load4(const unsigned char *at)
{
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24;
}

/* The last @left bytes, fewer than 8, of @size that end at @end: loads that overlap, rather than a
 * loop whose length cannot be foreseen. */
static uint64_t load_rest(const unsigned char *end, size_t left, size_t size)
{
    const unsigned char *at = end - left;

    if (left == 0)
        return 0;
    if (size >= 8)
        return hash64_load(end - 8) >> (64 - 8 * left);
    if (left >= 4)
        return load4(at) | load4(end - 4) << (8 * (left - 4));
    return (uint64_t)at[0] | (uint64_t)at[left / 2] << (8 * (left / 2)) |
           (uint64_t)at[left - 1] << (8 * (left - 1));
}

uint64_t hash64(uint64_t seed, struct text t)
{
    const unsigned char *at = (const unsigned char *)t.bytes;
    uint64_t h = seed ^ ((uint64_t)t.size * UINT64_C(0xC2B2AE3D27D4EB4F));
    size_t left = t.size;

    for (; left >= 8; left -= 8, at += 8)
        h = absorb(h, hash64_load(at));
    return hash64_mix(absorb(h, load_rest(at + left, left, t.size)));
}
