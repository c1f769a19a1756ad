/* arena: memory of one batch, given back all at once.
 *
 * Allocation is a bump of a pointer; arena_reset() makes everything handed out invalid and keeps
 * the blocks, so that a worker in its steady state asks the system for nothing. Not thread-safe.
 */
#pragma once

#include "base/mem.h"
#include "base/text.h"

struct arena;
struct arena_block;

/* @block_size is what it grows by; larger wishes get a block of their own. */
struct arena *arena_new(size_t block_size);
void arena_free(struct arena *arena); /* NULL is fine */
AUTO_FREE(arena)

/* Aligned for any type, not cleared; never NULL. */
void *arena_take(struct arena *arena, size_t size);
void *arena_zero(struct arena *arena, size_t size);
#define ARENA_NEW(arena, type) ((type *)arena_zero(arena, sizeof(type)))

struct text arena_copy(struct arena *arena, struct text text);
struct text arena_textf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Blocks beyond @keep bytes go back to the system: one huge log must not be paid for ever. */
void arena_reset(struct arena *arena, size_t keep);

/* What is taken after a mark can be given back alone: memory of one log that came to nothing is
 * used for the next, and stays in the processor's cache. */
struct arena_mark {
    struct arena_block *block;
    size_t used;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);
