#include "base/sieve_memory.h"

#include <stdlib.h>

#include "base/hash64.h"

enum { SHORTEST = 8, LONGEST_WORD = 15, LONGEST = 62 };
enum { WORD_BITS = 11, SLOT_BITS = 9, ADDRESS_BITS = 14, WAYS = 2 };
enum { SIZE_AT = 56, ASKED_AT = 60, MOST_ASKED_OF_WORD = 15, MOST_ASKED = 255 };

/* A part of 8 to 15 bytes, as an address: those and zeros, then in four bits each its size and how
 * many observables it has. Four to a line of the processor's cache, and compared by a few
 * instructions. */
struct word {
    uint64_t low, high; /* high 0: free */
};

/* A longer one, in a line by itself. */
struct slot {
    unsigned char size;  /* 0: free */
    unsigned char asked; /* observables */
    char bytes[LONGEST];
};

/* For each part there are two places, the first of which is for the newer: two that come often and
 * share their places do not push each other out. */
struct sieve_memory {
    uint64_t edition;
    struct word words[1 << WORD_BITS][WAYS];
    struct slot slots[1 << SLOT_BITS][WAYS];
    uint32_t v4[1 << ADDRESS_BITS]; /* 0: free */
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
    memset(memory, 0, sizeof(*memory));
    memory->edition = edition;
}

static uint64_t load(const char *at)
{
    return hash64_load((const unsigned char *)at);
}

/* Words. */

static struct word word_of(struct text part)
{
    uint64_t last = load(part.bytes + part.size - 8);

    return (struct word){load(part.bytes), last >> 8 * (LONGEST_WORD - part.size) >> 8 |
                                               (uint64_t)part.size << SIZE_AT};
}

static size_t place_of_word(struct word word)
{
    uint64_t mixed =
        word.low * UINT64_C(0x9E3779B97F4A7C15) ^ word.high * UINT64_C(0xC2B2AE3D27D4EB4F);

    return mixed >> (64 - WORD_BITS);
}

static bool is_same(struct word kept, struct word word)
{
    return kept.low == word.low && (kept.high ^ word.high) << (64 - ASKED_AT) == 0;
}

static bool knows_word(const struct sieve_memory *memory, struct text part, unsigned *asked)
{
    struct word word = word_of(part);
    const struct word *kept = memory->words[place_of_word(word)];

    kept += is_same(kept[0], word) ? 0 : 1;
    *asked = (unsigned)(kept->high >> ASKED_AT);
    return is_same(*kept, word);
}

static void learn_word(struct sieve_memory *memory, struct text part, unsigned asked)
{
    struct word word = word_of(part);
    struct word *kept = memory->words[place_of_word(word)];

    if (asked > MOST_ASKED_OF_WORD)
        return;
    kept[1] = kept[0];
    kept[0] = (struct word){word.low, word.high | (uint64_t)asked << ASKED_AT};
}

/* Longer ones. */

/* By a few bytes at either end and in the middle. */
static size_t place_of_long(struct text part)
{
    const char *at = part.bytes;
    uint64_t ends = load(at) ^ load(at + part.size - 8) * 3;

    return hash64_mix(ends + load(at + part.size / 2 - 4) * 5 + part.size) >> (64 - SLOT_BITS);
}

static bool holds(const struct slot *slot, struct text part)
{
    return slot->size == part.size && memcmp(slot->bytes, part.bytes, part.size) == 0;
}

static bool knows_long(const struct sieve_memory *memory, struct text part, unsigned *asked)
{
    const struct slot *slot = memory->slots[place_of_long(part)];

    for (int i = 0; i < WAYS; i++, slot++) {
        *asked = slot->asked;
        if (holds(slot, part))
            return true;
    }
    return false;
}

static void learn_long(struct sieve_memory *memory, struct text part, unsigned asked)
{
    struct slot *slot = memory->slots[place_of_long(part)];

    if (asked > MOST_ASKED)
        return;
    slot[1] = slot[0];
    memcpy(slot->bytes, part.bytes, part.size);
    slot->size = (unsigned char)part.size;
    slot->asked = (unsigned char)asked;
}

bool sieve_memory_knows(const struct sieve_memory *memory, struct text part, unsigned *asked)
{
    if (part.size < SHORTEST || part.size > LONGEST)
        return false;
    return part.size <= LONGEST_WORD ? knows_word(memory, part, asked)
                                     : knows_long(memory, part, asked);
}

void sieve_memory_learn(struct sieve_memory *memory, struct text part, unsigned asked)
{
    if (part.size < SHORTEST || part.size > LONGEST)
        return;
    if (part.size <= LONGEST_WORD)
        learn_word(memory, part, asked);
    else
        learn_long(memory, part, asked);
}

/* Addresses. */

static uint32_t bits_of(const struct address *address)
{
    uint32_t bits;

    memcpy(&bits, address->bytes + 12, sizeof(bits));
    return bits;
}

static size_t place_of_v4(uint32_t bits)
{
    return bits * UINT32_C(2654435769) >> (32 - ADDRESS_BITS);
}

bool sieve_memory_knows_v4(const struct sieve_memory *memory, const struct address *address)
{
    uint32_t bits = bits_of(address);

    return memory->v4[place_of_v4(bits)] == bits && bits != 0;
}

void sieve_memory_learn_v4(struct sieve_memory *memory, const struct address *address)
{
    uint32_t bits = bits_of(address);

    memory->v4[place_of_v4(bits)] = bits;
}
