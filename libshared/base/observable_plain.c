#include "base/observable.h"

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* "\u002f" at @at: its character if that is ASCII, else a space: no part of what is looked for. */
static char code_point(struct text t, size_t at)
{
    int value = 0;

    for (size_t i = at + 2; i < at + 6; i++) {
        int digit = i < t.size ? hex_digit(t.bytes[i]) : -1;

        if (digit < 0)
            return ' ';
        value = value * 16 + digit;
    }
    return value < 0x80 ? (char)value : ' ';
}

static struct text unescape(struct text t, struct arena *arena)
{
    char *out = arena_take(arena, t.size);
    size_t size = 0;

    for (size_t i = 0; i < t.size; i++) {
        if (t.bytes[i] != '\\' || i + 1 == t.size) {
            out[size++] = t.bytes[i];
            continue;
        }
        char kind = t.bytes[i + 1];

        if (kind == 'u')
            out[size++] = code_point(t, i);
        else
            out[size++] = kind == '/' || kind == '\\' || kind == '"' ? kind : ' ';
        i += kind == 'u' ? 5 : 1;
    }
    return (struct text){out, size};
}

struct disguise {
    struct text as, is;
};

static const struct disguise disguises[] = {
    {{"[.]", 3}, {".", 1}},       {{"(.)", 3}, {".", 1}},         {{"{.}", 3}, {".", 1}},
    {{"[dot]", 5}, {".", 1}},     {{"(dot)", 5}, {".", 1}},       {{"{dot}", 5}, {".", 1}},
    {{"[:]", 3}, {":", 1}},       {{"[://]", 5}, {"://", 3}},     {{"[at]", 4}, {"@", 1}},
    {{"(at)", 4}, {"@", 1}},      {{"[@]", 3}, {"@", 1}},         {{"hxxps:", 6}, {"https:", 6}},
    {{"hxxp:", 5}, {"http:", 5}}, {{"hxxps[", 6}, {"https[", 6}}, {{"hxxp[", 5}, {"http[", 5}},
};

static const struct disguise *disguise_at(struct text t, size_t at)
{
    if (t.bytes[at] != '[' && t.bytes[at] != '(' && t.bytes[at] != '{' &&
        (t.bytes[at] | 0x20) != 'h')
        return NULL;
    for (size_t i = 0; i < COUNT_OF(disguises); i++) {
        struct text here = text_slice(t, at, at + disguises[i].as.size);

        if (text_equal_nocase(here, disguises[i].as))
            return &disguises[i];
    }
    return NULL;
}

static struct text refang(struct text t, struct arena *arena)
{
    char *out = arena_take(arena, t.size);
    size_t size = 0;

    for (size_t i = 0; i < t.size;) {
        const struct disguise *disguise = disguise_at(t, i);
        /* "hxxp[:]": the bracket is still to be read. */
        size_t step = disguise ? disguise->as.size : 1;
        struct text is = disguise ? disguise->is : text_slice(t, i, i + 1);

        if (is.bytes[is.size - 1] == '[' && step > 1) {
            step--;
            is.size--;
        }
        memcpy(out + size, is.bytes, is.size);
        size += is.size;
        i += step;
    }
    return (struct text){out, size};
}

static bool may_be_defanged(struct text t)
{
    return text_find_byte(t, '[') < t.size || text_find_byte(t, '(') < t.size ||
           text_find_byte(t, '{') < t.size || text_find(t, TEXT("xxp")) < t.size ||
           text_find(t, TEXT("XXP")) < t.size;
}

struct text observable_plain(struct text text, bool escapes, bool defanged, struct arena *arena)
{
    if (escapes && text_find_byte(text, '\\') < text.size)
        text = unescape(text, arena);
    if (defanged && may_be_defanged(text))
        text = refang(text, arena);
    return text;
}
