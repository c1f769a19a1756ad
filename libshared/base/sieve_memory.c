#include "base/sieve_memory.h"

#include <stdlib.h>

#include "base/hash64.h"

enum { SLOTS = 512, SHORTEST = 25 /* no address, no time */, LONGEST = 246, MOST_ASKED = 255 };

struct slot {
    uint64_t missed;     /* the hash of the last that was not kept */
    unsigned char size;  /* 0: free */
    unsigned char asked; /* observables */
    char bytes[LONGEST];
};

struct sieve_memory {
    uint64_t edition;
    struct slot slots[SLOTS];
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
    memory->edition = edition;
}

static bool fits(struct text part)
{
    return part.size >= SHORTEST && part.size <= LONGEST;
}

/* Of a few bytes at either end and in the middle: enough to find a place by. */
static uint64_t hash_of(struct text part)
{
    const unsigned char *at = (const unsigned char *)part.bytes;
    uint64_t ends = hash64_load(at) ^ hash64_load(at + part.size - 8) * 3;

    return hash64_mix(ends + hash64_load(at + part.size / 2 - 4) * 5 + part.size);
}

bool sieve_memory_knows(const struct sieve_memory *memory, struct text part, unsigned *asked)
{
    if (!fits(part))
        return false;
    const struct slot *slot = &memory->slots[hash_of(part) % SLOTS];

    *asked = slot->asked;
    return slot->size == part.size && memcmp(slot->bytes, part.bytes, part.size) == 0;
}

void sieve_memory_learn(struct sieve_memory *memory, struct text part, unsigned asked)
{
    if (!fits(part) || asked > MOST_ASKED)
        return;
    uint64_t hash = hash_of(part);
    struct slot *slot = &memory->slots[hash % SLOTS];

    if (slot->missed != hash) {
        slot->missed = hash;
        return;
    }
    memcpy(slot->bytes, part.bytes, part.size);
    slot->size = (unsigned char)part.size;
    slot->asked = (unsigned char)asked;
}
