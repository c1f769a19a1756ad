#include "base/keyed.h"

#include <stdlib.h>

#include "base/hash64.h"

enum { FEWEST = 64 };

struct block {
    uint32_t key_size, value_size;
    char bytes[]; /* key, then value */
};

struct slot {
    uint64_t hash;
    struct block *block; /* NULL: free */
};

struct keyed {
    struct slot *slots; /* a power of two of them, at most two thirds in use */
    size_t size, count;
};

struct keyed *keyed_new(void)
{
    struct keyed *keyed = mem_zero(sizeof(*keyed));

    keyed->size = FEWEST;
    keyed->slots = mem_zero(FEWEST * sizeof(*keyed->slots));
    return keyed;
}

void keyed_free(struct keyed *keyed)
{
    if (!keyed)
        return;
    for (size_t i = 0; i < keyed->size; i++)
        free(keyed->slots[i].block);
    free(keyed->slots);
    free(keyed);
}

size_t keyed_count(const struct keyed *keyed)
{
    return keyed->count;
}

static struct text key_of(const struct block *block)
{
    return (struct text){block->bytes, block->key_size};
}

/* Where @key is, or the free slot in which it would be. */
static size_t place_of(const struct keyed *keyed, uint64_t hash, struct text key)
{
    size_t at = (size_t)hash & (keyed->size - 1);

    while (keyed->slots[at].block &&
           !(keyed->slots[at].hash == hash && text_equal(key_of(keyed->slots[at].block), key)))
        at = (at + 1) & (keyed->size - 1);
    return at;
}

bool keyed_find(const struct keyed *keyed, struct text key, struct text *value)
{
    const struct block *block = keyed->slots[place_of(keyed, hash64(0, key), key)].block;

    if (!block)
        return false;
    *value = (struct text){block->bytes + block->key_size, block->value_size};
    return true;
}

static void grow(struct keyed *keyed)
{
    struct slot *old = keyed->slots;
    size_t old_size = keyed->size;

    keyed->size *= 2;
    keyed->slots = mem_zero(keyed->size * sizeof(*keyed->slots));
    for (size_t i = 0; i < old_size; i++) {
        if (old[i].block)
            keyed->slots[place_of(keyed, old[i].hash, key_of(old[i].block))] = old[i];
    }
    free(old);
}

void keyed_set(struct keyed *keyed, struct text key, struct text value)
{
    struct block *block = mem_resize(NULL, sizeof(*block) + key.size + value.size);
    uint64_t hash = hash64(0, key);

    block->key_size = (uint32_t)key.size;
    block->value_size = (uint32_t)value.size;
    memcpy(block->bytes, key.bytes, key.size);
    if (value.size > 0)
        memcpy(block->bytes + key.size, value.bytes, value.size);
    if (keyed->count * 3 >= keyed->size * 2)
        grow(keyed);
    struct slot *slot = &keyed->slots[place_of(keyed, hash, key)];

    keyed->count += !slot->block;
    free(slot->block);
    *slot = (struct slot){hash, block};
}

/* What was pushed on by the one that goes moves up, so that no search ends too early. */
static void close_gap(struct keyed *keyed, size_t gap)
{
    size_t mask = keyed->size - 1;

    for (size_t at = (gap + 1) & mask; keyed->slots[at].block; at = (at + 1) & mask) {
        size_t home = (size_t)keyed->slots[at].hash & mask;

        if (((at - home) & mask) >= ((at - gap) & mask)) {
            keyed->slots[gap] = keyed->slots[at];
            keyed->slots[at].block = NULL;
            gap = at;
        }
    }
}

bool keyed_drop(struct keyed *keyed, struct text key)
{
    size_t at = place_of(keyed, hash64(0, key), key);

    if (!keyed->slots[at].block)
        return false;
    free(keyed->slots[at].block);
    keyed->slots[at].block = NULL;
    keyed->count--;
    close_gap(keyed, at);
    return true;
}

bool keyed_next(const struct keyed *keyed, size_t *at, struct text *key, struct text *value)
{
    while (*at < keyed->size && !keyed->slots[*at].block)
        ++*at;
    if (*at >= keyed->size)
        return false;
    const struct block *block = keyed->slots[(*at)++].block;

    *key = key_of(block);
    *value = (struct text){block->bytes + block->key_size, block->value_size};
    return true;
}
