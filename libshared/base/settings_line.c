/* Where a key stands, for what is only wrong beside another one. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/settings_parts.h"

/* What @word ("sources", "[0]") says of @node; NULL: nothing. One text is a list of one. */
static const struct node *step(const struct node *node, struct text word)
{
    char key[256];

    if (text_starts(word, TEXT("["))) {
        size_t i = strtoul(word.bytes + 1, NULL, 10);

        if (node->kind == NODE_SCALAR)
            return i == 0 ? node : NULL;
        return node->kind == NODE_LIST && i < node->count ? &node->items[i] : NULL;
    }
    snprintf(key, sizeof(key), "%.*s", TEXT_ARG(word));
    return document_get(node, key);
}

/* @key is ours: words, each behind a dot, or a number in brackets. */
static int line_of(const struct node *node, const char *key)
{
    while (node && *key) {
        size_t size = 1 + strcspn(key + 1, ".[");

        node = step(node, (struct text){key, size});
        key += size;
        key += *key == '.';
    }
    return node && node->kind != NODE_NULL ? node->line : 0;
}

int settings_line(const struct settings *settings, const char *key)
{
    return line_of(settings->root, key);
}

void settings_mistake(const struct settings *settings, struct buf *mistakes, const char *key,
                      const char *format, ...)
{
    struct error err;
    char text[sizeof(err.text)];
    int line = settings_line(settings, key);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (line > 0)
        buf_addf(mistakes, "%s:%d: %s: %s\n", settings->name, line, key, text);
    else
        buf_addf(mistakes, "%s: %s: %s\n", settings->name, key, text);
}
