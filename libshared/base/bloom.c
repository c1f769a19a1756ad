#include "base/bloom.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash64.h"

enum { WORDS = 8 /* of a block */, BLOCK_BITS = 512, BITS_PER_KEY = 18, BLOCK_BYTES = 64 };
enum { HEADER = 36, CHECKSUM = 8 };
#define MAX_BLOCKS ((uint64_t)1 << 30) /* 64 GiB */

static const char magic[4] = {'H', 'B', 'F', '1'};

struct bloom {
    uint64_t seed;
    uint64_t capacity, count, blocks;
    uint64_t *words; /* of all blocks, in the middle of @memory so that each is one cache line */
    void *memory;
};

static struct bloom *make(uint64_t capacity, uint64_t seed, uint64_t blocks)
{
    struct bloom *bloom = mem_zero(sizeof(*bloom));

    bloom->seed = seed;
    bloom->capacity = capacity;
    bloom->blocks = blocks;
    bloom->memory = mem_zero((size_t)(blocks + 1) * BLOCK_BYTES);
    bloom->words =
        (uint64_t *)(((uintptr_t)bloom->memory + BLOCK_BYTES - 1) & ~(uintptr_t)(BLOCK_BYTES - 1));
    return bloom;
}

struct bloom *bloom_new(size_t capacity, uint64_t seed)
{
    return make(capacity, seed, (uint64_t)capacity * BITS_PER_KEY / BLOCK_BITS + 1);
}

void bloom_free(struct bloom *bloom)
{
    if (!bloom)
        return;
    free(bloom->memory);
    free(bloom);
}

uint64_t bloom_seed(const struct bloom *bloom)
{
    return bloom->seed;
}

size_t bloom_count(const struct bloom *bloom)
{
    return (size_t)bloom->count;
}

size_t bloom_capacity(const struct bloom *bloom)
{
    return (size_t)bloom->capacity;
}

size_t bloom_bytes(const struct bloom *bloom)
{
    return (size_t)bloom->blocks * BLOCK_BYTES;
}

/* The block goes by the upper half of the hash, the bits in it by all of it mixed once more. */
static uint64_t *block_of(const struct bloom *bloom, uint64_t hash)
{
    return bloom->words + ((hash >> 32) * bloom->blocks >> 32) * WORDS;
}

static uint64_t bit(uint64_t mixed, int word)
{
    return (uint64_t)1 << (mixed >> (6 * word) & 63);
}

void bloom_add(struct bloom *bloom, uint64_t hash)
{
    uint64_t *block = block_of(bloom, hash), mixed = hash64_mix(hash);

    for (int i = 0; i < WORDS; i++)
        block[i] |= bit(mixed, i);
    bloom->count++;
}

static uint64_t missing_in(const uint64_t *block, uint64_t mixed, int from, int to)
{
    uint64_t missing = 0;

    for (int i = from; i < to; i++)
        missing |= ~block[i] & bit(mixed, i);
    return missing;
}

/* Of keys that were never added the first three bits give away nineteen in twenty. */
bool bloom_may_have(const struct bloom *bloom, uint64_t hash)
{
    const uint64_t *block = block_of(bloom, hash);
    uint64_t mixed = hash64_mix(hash);

    return missing_in(block, mixed, 0, 3) == 0 && missing_in(block, mixed, 3, WORDS) == 0;
}

void bloom_prefetch(const struct bloom *bloom, uint64_t hash)
{
    __builtin_prefetch(block_of(bloom, hash));
}

static void put(struct buf *out, uint64_t value)
{
    hash64_store(value, (unsigned char *)buf_reserve(out, 8));
    out->size += 8;
}

void bloom_write(const struct bloom *bloom, struct buf *out)
{
    size_t start = out->size;

    buf_add(out, (struct text){magic, sizeof(magic)});
    put(out, bloom->seed);
    put(out, bloom->capacity);
    put(out, bloom->count);
    put(out, bloom->blocks);
    for (size_t i = 0; i < (size_t)bloom->blocks * WORDS; i++)
        put(out, bloom->words[i]);
    put(out, hash64(0, text_slice(buf_text(out), start, out->size)));
}

static uint64_t get(struct text bytes, size_t at)
{
    return hash64_load((const unsigned char *)bytes.bytes + at);
}

struct bloom *bloom_read(struct text bytes, struct error *err)
{
    if (bytes.size < HEADER + CHECKSUM || memcmp(bytes.bytes, magic, sizeof(magic)) != 0) {
        error_set(err, -EINVAL, "%zu bytes are not a filter in the form HBF1", bytes.size);
        return NULL;
    }
    uint64_t blocks = get(bytes, 28);

    if (blocks == 0 || blocks > MAX_BLOCKS ||
        bytes.size != HEADER + (size_t)blocks * BLOCK_BYTES + CHECKSUM) {
        error_set(err, -EINVAL, "a filter of %llu blocks does not have %zu bytes",
                  (unsigned long long)blocks, bytes.size);
        return NULL;
    }
    size_t body = bytes.size - CHECKSUM;

    if (get(bytes, body) != hash64(0, text_slice(bytes, 0, body))) {
        error_set(err, -EINVAL, "a filter's checksum does not fit its %zu bytes", bytes.size);
        return NULL;
    }
    struct bloom *bloom = make(get(bytes, 12), get(bytes, 4), blocks);

    bloom->count = get(bytes, 20);
    for (size_t i = 0; i < (size_t)blocks * WORDS; i++)
        bloom->words[i] = get(bytes, HEADER + i * 8);
    return bloom;
}
