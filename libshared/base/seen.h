/* seen: which observables a day had, as bits: detectors set them, iocfeed looks there for
 * indicators that have just become known.
 *
 * A Bloom filter of fixed size whose bytes are or-ed together by Redis, so it has no header and its
 * form never changes. An observable's eight bits lie in one block of 64 bytes. Of the tenants each
 * has its own bits beside everybody's.
 */
#pragma once

#include "base/ioc.h"

enum { SEEN_BLOCK = 64, SEEN_BITS = 8 };

/* @value is canonical; @tenant empty: whoever saw it. */
uint64_t seen_hash(struct text tenant, enum ioc_type type, struct text value);
/* Where its block begins, in a filter of @bytes, a multiple of SEEN_BLOCK. */
size_t seen_block(uint64_t hash, size_t bytes);
/* Its @i-th bit: the byte of the block and the bit in it. */
size_t seen_bit(uint64_t hash, int i, unsigned char *mask);
bool seen_has(const unsigned char block[SEEN_BLOCK], uint64_t hash);
