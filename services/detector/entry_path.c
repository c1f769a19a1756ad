/* Gives way to entry.c's own entry_get(), which also reads JSON, once that is here. */
#include "detector/entry.h"

__attribute__((weak)) struct text entry_get(const struct entry *entry, struct text path,
                                            struct arena *arena)
{
    (void)arena;
    for (size_t i = 0; i < entry->extra_count; i++) {
        if (text_equal(entry->extras[i].name, path))
            return entry->extras[i].value;
    }
    return (struct text){0};
}
