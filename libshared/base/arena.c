#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct arena_block {
    struct arena_block *next;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    struct arena_block *first; /* all blocks, in the order of use */
    struct arena_block *now;   /* the one being filled; those after it are empty */
    size_t used;               /* bytes of it */
    size_t block_size;
};

static struct arena_block *block_new(size_t size)
{
    struct arena_block *block = mem_resize(NULL, sizeof(*block) + size);

    block->next = NULL;
    block->size = size;
    return block;
}

struct arena *arena_new(size_t block_size)
{
    struct arena *arena = mem_zero(sizeof(*arena));

    arena->block_size = block_size;
    arena->first = arena->now = block_new(block_size);
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct arena_block *block = arena->first, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

/* Goes on to a block that holds @size: the next one if it does, else a new one before it. */
static void advance(struct arena *arena, size_t size)
{
    struct arena_block *next = arena->now->next;

    if (!next || next->size < size) {
        struct arena_block *fresh = block_new(size > arena->block_size ? size : arena->block_size);

        fresh->next = next;
        arena->now->next = fresh;
        next = fresh;
    }
    arena->now = next;
    arena->used = 0;
}

void *arena_take(struct arena *arena, size_t size)
{
    const size_t align = _Alignof(max_align_t);

    size = (size + align - 1) / align * align;
    if (arena->now->size - arena->used < size)
        advance(arena, size);
    void *at = arena->now->bytes + arena->used;

    arena->used += size;
    return at;
}

void *arena_zero(struct arena *arena, size_t size)
{
    return memset(arena_take(arena, size), 0, size);
}

struct text arena_copy(struct arena *arena, struct text text)
{
    if (text.size == 0)
        return (struct text){NULL, 0};
    return (struct text){memcpy(arena_take(arena, text.size), text.bytes, text.size), text.size};
}

struct text arena_textf(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;

    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    char *bytes = arena_take(arena, (size_t)size + 1);

    vsnprintf(bytes, (size_t)size + 1, format, again);
    va_end(again);
    va_end(arguments);
    return (struct text){bytes, (size_t)size};
}

void arena_reset(struct arena *arena, size_t keep)
{
    struct arena_block **at = &arena->first;
    size_t kept = 0;

    while (*at) {
        struct arena_block *block = *at;

        if (block != arena->first && kept + block->size > keep) {
            *at = block->next;
            free(block);
            continue;
        }
        kept += block->size;
        at = &block->next;
    }
    arena->now = arena->first;
    arena->used = 0;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->now, arena->used};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    arena->now = mark.block;
    arena->used = mark.used;
}
