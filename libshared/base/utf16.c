#include "base/utf16.h"

enum { REPLACEMENT = 0xFFFD };

static uint32_t unit_at(struct text t, size_t at, bool is_big)
{
    unsigned char first = (unsigned char)t.bytes[at], second = (unsigned char)t.bytes[at + 1];

    return is_big ? (uint32_t)first << 8 | second : (uint32_t)second << 8 | first;
}

/* The character at *@at, of one unit or two. */
static uint32_t take_character(struct text t, size_t *at, bool is_big)
{
    uint32_t unit = unit_at(t, *at, is_big), low;

    *at += 2;
    if (unit < 0xD800 || unit >= 0xE000)
        return unit;
    if (unit >= 0xDC00 || *at + 2 > t.size)
        return REPLACEMENT;
    low = unit_at(t, *at, is_big);
    if (low < 0xDC00 || low >= 0xE000)
        return REPLACEMENT;
    *at += 2;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

struct text utf16_to_utf8(struct text bytes, struct arena *arena)
{
    bool is_big = text_starts(bytes, TEXT("\xFE\xFF"));
    size_t size = 0;
    char *out;

    if (!is_big && !text_starts(bytes, TEXT("\xFF\xFE")))
        return bytes;
    out = arena_take(arena, bytes.size / 2 * 3);
    for (size_t at = 2; at + 2 <= bytes.size;)
        size += text_write_character(take_character(bytes, &at, is_big), out + size);
    return (struct text){out, size};
}
