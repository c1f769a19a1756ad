/* hash64: 64 well-mixed bits of a text, for tables and filters in memory and on the wire.
 *
 * The same on every machine, and part of formats that are kept (bloom.h), so it never changes. No
 * protection by itself: who must not be able to choose collisions keeps the seed to himself.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"

static inline uint64_t hash64_load(const unsigned char *at)
{
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24 |
           (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
           (uint64_t)at[7] << 56;
}

static inline void hash64_store(uint64_t value, unsigned char *at)
{
    at[0] = (unsigned char)value; /* one by one, for compilers to make it one store */
    at[1] = (unsigned char)(value >> 8);
    at[2] = (unsigned char)(value >> 16);
    at[3] = (unsigned char)(value >> 24);
    at[4] = (unsigned char)(value >> 32);
    at[5] = (unsigned char)(value >> 40);
    at[6] = (unsigned char)(value >> 48);
    at[7] = (unsigned char)(value >> 56);
}

/* A bijection whose every output bit depends on every input bit (the finaliser of MurmurHash3). */
static inline uint64_t hash64_mix(uint64_t h)
{
    h = (h ^ (h >> 33)) * UINT64_C(0xFF51AFD7ED558CCD);
    h = (h ^ (h >> 33)) * UINT64_C(0xC4CEB9FE1A85EC53);
    return h ^ (h >> 33);
}

uint64_t hash64(uint64_t seed, struct text t);
