#include "base/lower.h"

#include "base/hash64.h"

static uint64_t lower_word(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t ascii = word & ones * 0x7F;
    /* The upper bit of each byte: from 'A' on, and not beyond 'Z'. */
    uint64_t upper = (ascii + ones * (0x80 - 'A')) & ~(ascii + ones * (0x7F - 'Z')) & ~word;

    return word | (upper & ones * 0x80) >> 2;
}

/* The last eight may be some that were done already. */
void lower_ascii(struct text t, char *into)
{
    const unsigned char *from = (const unsigned char *)t.bytes;
    unsigned char *to = (unsigned char *)into;

    for (size_t at = 0; at + 8 <= t.size; at += 8)
        hash64_store(lower_word(hash64_load(from + at)), to + at);
    if (t.size >= 8) {
        hash64_store(lower_word(hash64_load(from + t.size - 8)), to + t.size - 8);
        return;
    }
    for (size_t at = 0; at < t.size; at++)
        to[at] = (unsigned char)lower_word(from[at]);
}
