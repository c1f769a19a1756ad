#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *block, size_t bytes)
{
    if (!block) {
        fprintf(stderr, "haechi: out of memory asking for %zu bytes\n", bytes);
        abort();
    }
    return block;
}

void *mem_zero(size_t bytes)
{
    return or_die(calloc(1, bytes ? bytes : 1), bytes);
}

void *mem_resize(void *old, size_t bytes)
{
    return or_die(realloc(old, bytes ? bytes : 1), bytes);
}

char *mem_copy_text(const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(mem_zero(size), text, size);
}

void *mem_grow(void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 8;
    return mem_resize(items, *capacity * item_size);
}
