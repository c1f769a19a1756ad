/* observable_bits: of which kinds each byte of a text is, a bit each, 64 bytes to a word; for
 * observable*.c alone.
 *
 * Made once, 32 bytes at a time; then runs of a kind and what stands beside what are found by
 * arithmetic on words instead of a branch for each byte.
 */
#pragma once

#include "base/arena.h"

enum observable_bit {
    BIT_LETTER, /* ASCII */
    BIT_HEX,    /* digits and a to f */
    BIT_DOT,    /* that has no dot beside it */
    BIT_NUMBER, /* digits and those dots */
    BIT_COLON,
    BIT_QUOTE,
    BIT_NAME, /* letters, digits, '-', '_' and those dots */
    BIT_MARK, /* dots that stand in names */
    BIT_PAIR, /* colons that stand by hex digits or colons */
    BIT_KINDS
};

struct observable_bits {
    size_t words;
    uint64_t (*of)[BIT_KINDS]; /* words -1 and `words` are there, and zero */
    bool has_high;             /* there are bytes beyond ASCII */
    bool has_pairs;
};

/* In @arena. */
struct observable_bits observable_bits_of(struct text t, struct arena *arena);

static inline bool observable_bits_has(const struct observable_bits *bits, enum observable_bit kind,
                                       size_t at)
{
    return bits->of[at / 64][kind] >> (at % 64) & 1;
}

/* Of the @count bytes from @at on, fewer than 64. */
static inline uint64_t observable_bits_at(const struct observable_bits *bits,
                                          enum observable_bit kind, size_t at, size_t count)
{
    uint64_t(*word)[BIT_KINDS] = bits->of + at / 64;
    unsigned shift = at % 64;

    return (word[0][kind] >> shift | word[1][kind] << 1 << (63 - shift)) &
           (((uint64_t)1 << count) - 1);
}

/* Where the run of bytes of the kind that ends before @at begins; @at: there is none. */
static inline size_t observable_bits_from(const struct observable_bits *bits,
                                          enum observable_bit kind, size_t at)
{
    uint64_t(*word)[BIT_KINDS] = bits->of + at / 64;
    uint64_t gaps = ~(*word)[kind] & (((uint64_t)1 << (at % 64)) - 1);

    while (!gaps)
        gaps = ~(*--word)[kind];
    return (size_t)((word - bits->of) * 64 + 64 - __builtin_clzll(gaps));
}

/* The first byte from @at on that is not of the kind. */
static inline size_t observable_bits_to(const struct observable_bits *bits,
                                        enum observable_bit kind, size_t at)
{
    size_t word = at / 64;
    uint64_t gaps = ~bits->of[word][kind] & ~(uint64_t)0 << (at % 64);

    while (!gaps)
        gaps = ~bits->of[++word][kind];
    return word * 64 + (size_t)__builtin_ctzll(gaps);
}

/* Behind the last byte of the kind that stands before @at; 0: there is none. */
static inline size_t observable_bits_behind_last(const struct observable_bits *bits,
                                                 enum observable_bit kind, size_t at)
{
    size_t word = at / 64;
    uint64_t set = bits->of[word][kind] & (((uint64_t)1 << (at % 64)) - 1);

    while (!set && word > 0)
        set = bits->of[--word][kind];
    return set ? word * 64 + 64 - (size_t)__builtin_clzll(set) : 0;
}

/* The first byte of the kind from @at on, before @end; @end: there is none. */
static inline size_t observable_bits_first(const struct observable_bits *bits,
                                           enum observable_bit kind, size_t at, size_t end)
{
    size_t word = at / 64;
    uint64_t set = bits->of[word][kind] & ~(uint64_t)0 << (at % 64);

    while (!set && ++word * 64 < end)
        set = bits->of[word][kind];
    size_t first = set ? word * 64 + (size_t)__builtin_ctzll(set) : end;

    return first < end ? first : end;
}
