/* observable_bits: of which kinds each byte of a text is, a bit each, 64 bytes to a word; for
 * observable*.c alone.
 *
 * Runs of a kind and what stands beside what are found by arithmetic on words instead of a branch
 * for each byte. The few kinds that tell where to look are made of the whole text, 32 bytes at a
 * time; those that names are read by only where somebody does look, since most of a log names
 * nothing, or only what is known.
 */
#pragma once

#include "base/arena.h"

enum observable_bit {
    /* Of the whole text. */
    BIT_DOT,
    BIT_COLON,
    BIT_GAP,   /* quotes and spaces */
    BIT_SOLID, /* ASCII from '0' on, as all of a hash is and all between the colons of an address */
    BIT_PAIR,  /* colons behind a solid byte; a colon is one */
    BIT_HINT,  /* the first place between two gaps that may be in a name or an IPv4: a letter behind
                * a  dot, as the last label of each name begins with, or a dot with another one two
                * to  four bytes before. Other dots are those of fractions, versions, times. */
    BIT_MARK,  /* dots; where names are made only those that stand in one */
    /* Where observable_bits_add_names() made them. */
    BIT_LETTER, /* ASCII */
    BIT_NUMBER, /* digits and dots that have no dot beside them */
    BIT_NAME,   /* letters, digits, '-', '_' and those dots */
    BIT_KINDS
};

enum { OBSERVABLE_TAIL = 128, COLONS_OF_V6 = 6 /* at least, if no two are side by side */ };

struct observable_bits {
    struct text text;
    size_t words;
    uint64_t (*of)[BIT_KINDS]; /* words -1 and `words` are there, and zero */
    char tail[OBSERVABLE_TAIL];
    const char *rest; /* in it: the text's last bytes, fewer than 64, and zeros */
    bool may_have_v6;
    bool has_high;   /* there are bytes beyond ASCII */
    bool has_blocks; /* there are words with observable_bits_blocks() */
};

/* In @arena; @t is borrowed. */
void observable_bits_make(struct observable_bits *bits, struct text t, struct arena *arena);

/* Makes those of names from @from up to @to, both at gaps or at the text's ends. */
void observable_bits_add_names(struct observable_bits *bits, size_t from, size_t to);

/* A bit where a block of 16 bytes ends, of the four in a word, if all its bytes are in @set; more,
 * perhaps, behind such a one. */
static inline uint64_t observable_bits_blocks(uint64_t set)
{
    const uint64_t lowest = UINT64_C(0x0001000100010001), highest = lowest << 15;

    return (~set - lowest) & set & highest;
}

/* The 64 bytes of a word. */
static inline const char *observable_bits_source(const struct observable_bits *bits, size_t word)
{
    return word + 1 < bits->words ? bits->text.bytes + word * 64 : bits->rest;
}

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
