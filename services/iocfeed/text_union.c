#include "iocfeed/text_union.h"

static bool has(const struct record_texts *texts, struct text text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (text_equal(texts->items[i], text))
            return true;
    }
    return false;
}

void text_union_add(struct record_texts *texts, const struct record_texts *more,
                    struct arena *arena)
{
    if (more->count == 0)
        return;
    struct text *items = arena_take(arena, (texts->count + more->count) * sizeof(*items));

    if (texts->count)
        memcpy(items, texts->items, texts->count * sizeof(*items));
    texts->items = items;
    for (size_t i = 0; i < more->count; i++) {
        if (!has(texts, more->items[i]))
            items[texts->count++] = arena_copy(arena, more->items[i]);
    }
}
