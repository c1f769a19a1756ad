/* key_index: positions in an array by the keys of what stands there. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Starts as {0}. */
struct key_index {
    uint32_t *places; /* owned; position + 1, 0: free */
    size_t count, capacity;
};

/* The key of the item at @position of the array that the index is about. */
typedef struct text key_index_key(const void *self, size_t position);

enum { KEY_INDEX_NONE = -1 };

void key_index_done(struct key_index *index);
uint64_t key_index_hash(struct text key, uint64_t seed); /* FNV-1a */
/* KEY_INDEX_NONE: it is not there. */
int64_t key_index_find(const struct key_index *index, struct text key, key_index_key *key_of,
                       const void *self);
/* @position's key must not be there yet. */
void key_index_add(struct key_index *index, size_t position, key_index_key *key_of,
                   const void *self);
