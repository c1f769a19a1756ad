#include "detector/condition.h"

static struct condition *make(struct arena *arena, enum condition_kind kind)
{
    struct condition *condition = ARENA_NEW(arena, struct condition);

    condition->kind = kind;
    return condition;
}

const struct condition *condition_pattern(struct arena *arena, uint32_t pattern)
{
    struct condition *condition = make(arena, CONDITION_PATTERN);

    condition->pattern = pattern;
    return condition;
}

const struct condition *condition_at_least(struct arena *arena, size_t least,
                                           const struct condition *const *parts, size_t count)
{
    struct condition *condition = make(arena, CONDITION_AT_LEAST);

    condition->least = least;
    condition->parts = parts;
    condition->count = count;
    return condition;
}

const struct condition *condition_not(struct arena *arena, const struct condition *part)
{
    struct condition *condition = make(arena, CONDITION_NOT);
    const struct condition **parts = arena_take(arena, sizeof(const struct condition *));

    parts[0] = part;
    condition->parts = parts;
    condition->count = 1;
    return condition;
}

const struct condition *condition_any(struct arena *arena, uint32_t first, size_t count)
{
    const struct condition **parts = arena_take(arena, count * sizeof(const struct condition *));

    for (size_t i = 0; i < count; i++)
        parts[i] = condition_pattern(arena, first + (uint32_t)i);
    return condition_at_least(arena, 1, parts, count);
}

/* A rule's depth is what its front end built, a handful; so recursion is safe. */
static bool holds(const struct condition *condition, condition_finds *finds, void *self,
                  uint32_t *because)
{
    uint32_t ignored = CONDITION_NO_PATTERN;
    size_t held = 0;

    if (condition->kind == CONDITION_NOT)
        return !holds(condition->parts[0], finds, self, &ignored);
    if (condition->kind == CONDITION_PATTERN) {
        bool found = finds(self, condition->pattern);

        if (found && *because == CONDITION_NO_PATTERN)
            *because = condition->pattern;
        return found;
    }
    for (size_t i = 0; i < condition->count && held < condition->least; i++)
        held += holds(condition->parts[i], finds, self, because);
    return held >= condition->least;
}

bool condition_holds(const struct condition *condition, condition_finds *finds, void *self,
                     uint32_t *because)
{
    *because = CONDITION_NO_PATTERN;
    return holds(condition, finds, self, because);
}
