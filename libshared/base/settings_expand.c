/* ${NAME}, ${NAME:-default} and $${. */
#include <errno.h>

#include "base/ascii.h"
#include "base/document_parts.h"
#include "base/settings_parts.h"

static bool is_name(struct text name)
{
    for (size_t i = 0; i < name.size; i++) {
        char byte = name.bytes[i];
        bool letter = ascii_is_letter(byte) || byte == '_';

        if (!letter && !(i > 0 && ascii_is_digit(byte)))
            return false;
    }
    return name.size > 0;
}

/* Adds what @inside, the part between the braces, stands for. */
static bool add_variable(struct settings_reader *reader, const char *key, int line,
                         struct text inside, struct buf *out)
{
    size_t at = text_find(inside, TEXT(":-"));
    struct text name = text_slice(inside, 0, at);

    if (!is_name(name)) {
        settings_refuse(reader, line,
                        "%s: a '${...}' names no variable; write ${NAME}, ${NAME:-default}, or "
                        "$${ for a plain ${",
                        key);
        return false;
    }
    name = document_text(reader->arena, name);
    const char *value = reader->environment(name.bytes);

    if (at < inside.size && (!value || !value[0]))
        buf_add(out, text_slice(inside, at + 2, inside.size));
    else if (value)
        buf_add_string(out, value);
    else
        settings_refuse(reader, line,
                        "%s: the environment has no variable %.80s; set it, or write a default as "
                        "in ${%.80s:-default}",
                        key, name.bytes, name.bytes);
    return value || at < inside.size;
}

static bool replace(struct settings_reader *reader, const char *key, const struct node *node,
                    struct buf *out)
{
    struct text rest = node->text;

    for (;;) {
        size_t at = text_find(rest, TEXT("${"));
        bool escaped = at < rest.size && at > 0 && rest.bytes[at - 1] == '$';

        buf_add(out, text_slice(rest, 0, escaped ? at - 1 : at));
        if (at == rest.size)
            return true;
        rest = text_slice(rest, at + 2, rest.size);
        if (escaped) {
            buf_add_string(out, "${");
            continue;
        }
        size_t end = text_find_byte(rest, '}');

        if (end == rest.size) {
            settings_refuse(reader, node->line, "%s: '${' without '}'; write $${ for a plain ${",
                            key);
            return false;
        }
        if (!add_variable(reader, key, node->line, text_slice(rest, 0, end), out))
            return false;
        rest = text_slice(rest, end + 1, rest.size);
    }
}

bool settings_expand(struct settings_reader *reader, const char *key, const struct node *node,
                     struct text *text)
{
    AUTO_BUF out = {0};

    *text = node->text;
    if (!reader->environment || text_find(node->text, TEXT("${")) == node->text.size)
        return true;
    if (!replace(reader, key, node, &out))
        return false;
    *text = document_text(reader->arena, buf_text(&out));
    return true;
}
