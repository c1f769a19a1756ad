#include "iocfeed/key_index.h"

#include <stdlib.h>

#include "base/mem.h"

void key_index_done(struct key_index *index)
{
    free(index->places);
    *index = (struct key_index){0};
}

uint64_t key_index_hash(struct text key, uint64_t seed)
{
    uint64_t hash = 0xcbf29ce484222325 ^ seed;

    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ (unsigned char)key.bytes[i]) * 0x100000001b3;
    return hash ^ hash >> 29;
}

int64_t key_index_find(const struct key_index *index, struct text key, key_index_key *key_of,
                       const void *self)
{
    if (index->capacity == 0)
        return KEY_INDEX_NONE;
    for (uint64_t at = key_index_hash(key, 0);; at++) {
        uint32_t place = index->places[at & (index->capacity - 1)];

        if (place == 0)
            return KEY_INDEX_NONE;
        if (text_equal(key_of(self, place - 1), key))
            return place - 1;
    }
}

static void put(struct key_index *index, uint32_t place, struct text key)
{
    uint64_t at = key_index_hash(key, 0);

    while (index->places[at & (index->capacity - 1)])
        at++;
    index->places[at & (index->capacity - 1)] = place;
}

void key_index_add(struct key_index *index, size_t position, key_index_key *key_of,
                   const void *self)
{
    if (index->count * 2 >= index->capacity) {
        struct key_index wider = {.count = index->count,
                                  .capacity = index->capacity ? index->capacity * 2 : 64};

        wider.places = mem_zero(wider.capacity * sizeof(*wider.places));
        for (size_t i = 0; i < index->capacity; i++) {
            if (index->places[i])
                put(&wider, index->places[i], key_of(self, index->places[i] - 1));
        }
        free(index->places);
        *index = wider;
    }
    put(index, (uint32_t)position + 1, key_of(self, position));
    index->count++;
}
