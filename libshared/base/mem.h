/* mem: allocation that cannot fail, and clean-up that cannot be forgotten. */
#pragma once

#include <stddef.h>

/* Zeroed memory, or the process ends. A worker that dies here loses nothing: an offset is stored
 * only once its message is dealt with. */
void *mem_zero(size_t bytes);

/* Grows or shrinks @old (NULL: a new block) to @bytes; what is added is not cleared. */
void *mem_resize(void *old, size_t bytes);

/* Owned by the caller. */
char *mem_copy_text(const char *text);

/* Makes room for one more item in the array *@items: doubles it when @count has reached
 * *@capacity. Use: list->items = mem_grow(list->items, list->count, &list->capacity,
 * sizeof(*list->items)); */
void *mem_grow(void *items, size_t count, size_t *capacity, size_t item_size);

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* AUTO(burst) b = burst_new(...);  calls burst_free(b) when b leaves scope.
 * To hand ownership on, return TAKE(b). (unused: clang does not count the clean-up as a use.) */
#define AUTO(type) __attribute__((cleanup(type##_auto_free), unused)) struct type *
#define AUTO_FREE(type)                                  \
    static inline void type##_auto_free(struct type **p) \
    {                                                    \
        type##_free(*p);                                 \
    }
#define TAKE(p)             \
    __extension__({         \
        __auto_type t_ = p; \
        p = NULL;           \
        t_;                 \
    })
