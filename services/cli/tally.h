/* tally: how often each of many texts was seen, and which were seen most.
 *
 * Bounded: texts beyond the limit are counted together, as others.
 */
#pragma once

#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"

struct tally;

struct tally_row {
    struct text text; /* borrowed from the tally */
    uint64_t count;
};

/* Tells at most @limit texts apart. */
struct tally *tally_new(size_t limit);
void tally_free(struct tally *tally); /* NULL is fine */
AUTO_FREE(tally)

void tally_add(struct tally *tally, struct text text); /* copied */

/* The up to @size texts seen most, the most frequent first, then by bytes. Returns how many. */
size_t tally_top(const struct tally *tally, struct tally_row *rows, size_t size);
uint64_t tally_others(const struct tally *tally); /* of texts beyond the limit */
