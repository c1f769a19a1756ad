#include "base/topic_pattern.h"

#include <string.h>

void topic_pattern_add(struct buf *list, const char *name)
{
    buf_add_string(list, list->size ? ",^" : "^");
    /* Names are made of letters, digits, '-', '_' and '.', of which the last alone says more. */
    for (; *name; name++) {
        if (*name == '.')
            buf_add_byte(list, '\\');
        buf_add_byte(list, *name);
    }
    buf_add_byte(list, '$');
}

static bool is_in(const struct text_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], name) == 0)
            return true;
    }
    return false;
}

void topic_pattern_add_all(struct buf *list, const char *const *names, size_t count,
                           const struct text_list *except)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_in(except, names[i]))
            topic_pattern_add(list, names[i]);
    }
}
