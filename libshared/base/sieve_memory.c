#include "base/sieve_memory.h"

#include <stdlib.h>

#include "base/hash64.h"

enum { SLOTS = 4096, SHORTEST = 8, LONGEST = 58, MOST_ASKED = 255 };
enum { ADDRESS_BITS = 14, ADDRESSES = 1 << ADDRESS_BITS };

/* 64 bytes. */
struct slot {
    uint32_t missed;     /* of the hash of the last that was not kept */
    unsigned char size;  /* 0: free */
    unsigned char asked; /* observables */
    char bytes[LONGEST];
};

struct sieve_memory {
    uint64_t edition;
    struct slot slots[SLOTS];
    uint32_t v4[ADDRESSES]; /* 0: free */
};

struct sieve_memory *sieve_memory_new(void)
{
    return mem_zero(sizeof(struct sieve_memory));
}

void sieve_memory_free(struct sieve_memory *memory)
{
    free(memory);
}

void sieve_memory_use(struct sieve_memory *memory, uint64_t edition)
{
    if (memory->edition == edition)
        return;
    memset(memory->slots, 0, sizeof(memory->slots));
    memset(memory->v4, 0, sizeof(memory->v4));
    memory->edition = edition;
}

static bool fits(struct text part)
{
    return part.size >= SHORTEST && part.size <= LONGEST;
}

static uint64_t load(const char *at)
{
    return hash64_load((const unsigned char *)at);
}

/* Of a few bytes at either end and in the middle: enough to find a place by. */
static uint64_t hash_of(struct text part)
{
    const char *at = part.bytes;
    uint64_t ends = load(at) ^ load(at + part.size - 8) * 3;

    return hash64_mix(ends + load(at + part.size / 2 - 4) * 5 + part.size);
}

/* The ends first: most have no more than those. */
static bool holds(const struct slot *slot, struct text part)
{
    const char *at = part.bytes, *kept = slot->bytes;
    size_t last = part.size - 8;

    return slot->size == part.size && load(kept) == load(at) &&
           load(kept + last) == load(at + last) &&
           (last <= 8 || memcmp(kept + 8, at + 8, last - 8) == 0);
}

bool sieve_memory_knows(const struct sieve_memory *memory, struct text part, unsigned *asked)
{
    if (!fits(part))
        return false;
    const struct slot *slot = &memory->slots[hash_of(part) % SLOTS];

    *asked = slot->asked;
    return holds(slot, part);
}

void sieve_memory_learn(struct sieve_memory *memory, struct text part, unsigned asked)
{
    if (!fits(part) || asked > MOST_ASKED)
        return;
    uint64_t hash = hash_of(part);
    uint32_t upper = (uint32_t)(hash >> 32);
    struct slot *slot = &memory->slots[hash % SLOTS];

    if (slot->missed != upper) {
        slot->missed = upper;
        return;
    }
    memcpy(slot->bytes, part.bytes, part.size);
    slot->size = (unsigned char)part.size;
    slot->asked = (unsigned char)asked;
}

static uint32_t bits_of(const struct address *address)
{
    uint32_t bits;

    memcpy(&bits, address->bytes + 12, sizeof(bits));
    return bits;
}

static size_t place_of(uint32_t bits)
{
    return bits * UINT32_C(2654435769) >> (32 - ADDRESS_BITS);
}

bool sieve_memory_knows_v4(const struct sieve_memory *memory, const struct address *address)
{
    uint32_t bits = bits_of(address);

    return memory->v4[place_of(bits)] == bits && bits != 0;
}

void sieve_memory_learn_v4(struct sieve_memory *memory, const struct address *address)
{
    uint32_t bits = bits_of(address);

    memory->v4[place_of(bits)] = bits;
}
