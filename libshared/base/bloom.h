/* bloom: which of many keys are certainly not in a set (a blocked Bloom filter).
 *
 * A key's eight bits lie in one block of 64 bytes, so a look-up is one visit to memory. With 18
 * bits a key about one key in a thousand that was never added is answered "maybe"; a key that was
 * added always is. Nothing can be taken out; who removes keys makes a new filter now and then.
 *
 * Keys come as 64-bit hashes, which the caller makes with hash64() and bloom_seed(): the seed is
 * random, so that nobody who writes logs can choose texts that are all "maybe".
 *
 * Reading from several threads is safe while nothing is added.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"

struct bloom;

/* For @capacity keys; more may be added, and cost more false maybes. */
struct bloom *bloom_new(size_t capacity, uint64_t seed);
void bloom_free(struct bloom *bloom); /* NULL is fine */
AUTO_FREE(bloom)

uint64_t bloom_seed(const struct bloom *bloom);
size_t bloom_count(const struct bloom *bloom);    /* keys added */
size_t bloom_capacity(const struct bloom *bloom); /* at which it should be made anew */
size_t bloom_bytes(const struct bloom *bloom);

void bloom_add(struct bloom *bloom, uint64_t hash);
bool bloom_may_have(const struct bloom *bloom, uint64_t hash);
/* Has the processor fetch what bloom_may_have() is about to read. */
void bloom_prefetch(const struct bloom *bloom, uint64_t hash);

/* The serialised form: "HBF1", then little-endian: seed, capacity, keys, blocks (8 bytes each), the
 * blocks, and a hash64 of all before it. */
void bloom_write(const struct bloom *bloom, struct buf *out);
/* NULL with @err: cut off, damaged, or of another form. */
struct bloom *bloom_read(struct text bytes, struct error *err);
