#include "base/ascii.h"
#include "base/observable.h"

/* The value of "002f" at @at; negative: there is none. */
static long code_unit(struct text t, size_t at)
{
    long value = 0;

    for (size_t i = at; i < at + 4; i++) {
        int digit = i < t.size ? ascii_hex_value(t.bytes[i]) : -1;

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* UTF-8 is never longer than the escapes were. */
static size_t write_character(long value, char *out)
{
    return text_write_character((uint32_t)(value < ' ' ? ' ' : value), out);
}

/* "\u002f" at *@at, or the two of a character beyond 16 bits; what is none becomes a space, no part
 * of what is looked for. */
static size_t take_code_point(struct text t, size_t *at, char *out)
{
    long value = code_unit(t, *at + 2), low;

    *at += value < 0 ? 2 : 6;
    if (value >= 0xD800 && value < 0xDC00 && text_starts(text_slice(t, *at, t.size), TEXT("\\u")) &&
        (low = code_unit(t, *at + 2)) >= 0xDC00 && low < 0xE000) {
        *at += 6;
        return write_character(0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00), out);
    }
    return write_character(value < 0 || (value >= 0xD800 && value < 0xE000) ? ' ' : value, out);
}

static struct text unescape(struct text t, struct arena *arena)
{
    char *out = arena_take(arena, t.size);
    size_t size = 0, at = 0;

    while (at < t.size) {
        size_t run = text_find_byte(text_slice(t, at, t.size), '\\');

        memcpy(out + size, t.bytes + at, run);
        size += run;
        at += run;
        if (at + 1 >= t.size)
            break;
        char kind = t.bytes[at + 1];

        if (kind == 'u') {
            size += take_code_point(t, &at, out + size);
            continue;
        }
        out[size++] = kind == '/' || kind == '\\' || kind == '"' ? kind : ' ';
        at += 2;
    }
    return (struct text){out, size};
}

/* "http:\/\/", as JSON within other texts has it. */
static struct text unescape_slashes(struct text t, struct arena *arena)
{
    char *out;
    size_t size = 0, at = text_find(t, TEXT("\\/"));

    if (at == t.size)
        return t;
    out = arena_take(arena, t.size);
    while (t.size > 0) {
        memcpy(out + size, t.bytes, at);
        size += at;
        t = text_slice(t, at + 1, t.size);
        at = text_find(t, TEXT("\\/"));
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
    if (text_find_byte(text, '\\') < text.size) {
        if (escapes)
            text = unescape(text, arena);
        text = unescape_slashes(text, arena);
    }
    if (defanged && may_be_defanged(text))
        text = refang(text, arena);
    return text;
}
