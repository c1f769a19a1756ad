/* All that is wrong with a settings file, so that it is mended once and not mistake by mistake. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/settings_parts.h"

int settings_refuse(struct settings_reader *reader, int line, const char *format, ...)
{
    struct settings_mistakes *mistakes = reader->mistakes;
    struct error err;
    char text[sizeof(err.text)];
    va_list arguments;

    if (mistakes->count++ >= COUNT_OF(mistakes->items))
        return -EINVAL;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (line > 0)
        error_set(&err, -EINVAL, "%s:%d: %s", reader->name, line, text);
    else
        error_set(&err, -EINVAL, "%s: %s", reader->name, text);
    mistakes->items[mistakes->count - 1] =
        (struct settings_mistake){line, arena_textf(reader->arena, "%s", err.text).bytes};
    return -EINVAL;
}

/* Within a line by what they say, so that the order is the same each time. */
static int by_line(const void *left, const void *right)
{
    const struct settings_mistake *a = left, *b = right;

    return a->line != b->line ? (a->line > b->line) - (a->line < b->line)
                              : strcmp(a->text, b->text);
}

void settings_mistakes_write(struct settings_mistakes *mistakes, struct buf *out)
{
    size_t room = COUNT_OF(mistakes->items);
    size_t kept = mistakes->count < room ? mistakes->count : room;

    qsort(mistakes->items, kept, sizeof(mistakes->items[0]), by_line);
    for (size_t i = 0; i < kept; i++)
        buf_addf(out, "%s\n", mistakes->items[i].text);
    if (mistakes->count > kept)
        buf_addf(out, "and %zu more mistakes, told when these are mended\n",
                 mistakes->count - kept);
}
