/* choices: what random tests are made of, whether a generator chooses or a fuzzer. */
#pragma once

#include <stdint.h>

#include "base/text.h"

struct choices {
    struct text bytes; /* taken one by one; when they are gone, or from the start, @state goes on */
    uint64_t state;    /* 0: then all further choices are 0 */
};

/* One of @count. */
static inline size_t choose(struct choices *choices, size_t count)
{
    if (choices->bytes.size > 0) {
        size_t choice = (unsigned char)choices->bytes.bytes[0];

        choices->bytes = text_slice(choices->bytes, 1, choices->bytes.size);
        return choice % count;
    }
    /* xorshift64* (Vigna 2016) */
    choices->state ^= choices->state >> 12;
    choices->state ^= choices->state << 25;
    choices->state ^= choices->state >> 27;
    return (size_t)((choices->state * 2685821657736338717u) >> 33) % count;
}
