/* condition: what must hold of a rule's patterns for it to fire.
 *
 * A tree of and, or, not, "at least n of" over pattern numbers: the one internal form of every
 * rule, whatever file it came from. It does not know how patterns are matched.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum condition_kind {
    CONDITION_PATTERN,  /* its pattern is found */
    CONDITION_NOT,      /* its one part does not hold */
    CONDITION_AT_LEAST, /* of its parts: 1 is or, all of them is and */
};

struct condition {
    enum condition_kind kind;
    uint32_t pattern; /* of PATTERN */
    size_t least;     /* of AT_LEAST */
    const struct condition *const *parts;
    size_t count;
};

/* In memory of @arena; parts are borrowed. */
const struct condition *condition_pattern(struct arena *arena, uint32_t pattern);
const struct condition *condition_not(struct arena *arena, const struct condition *part);
const struct condition *condition_at_least(struct arena *arena, size_t least,
                                           const struct condition *const *parts, size_t count);
/* Any of the patterns @first to @first + @count - 1. */
const struct condition *condition_any(struct arena *arena, uint32_t first, size_t count);

typedef bool condition_finds(void *self, uint32_t pattern);

#define CONDITION_NO_PATTERN UINT32_MAX

/* Asks @finds about as few patterns as it must, in the order of the tree. When it holds, *@because
 * is the first pattern found that was not under a NOT (CONDITION_NO_PATTERN: none). */
bool condition_holds(const struct condition *condition, condition_finds *finds, void *self,
                     uint32_t *because);
