#include "base/text.h"

int text_compare(struct text a, struct text b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared ? memcmp(a.bytes, b.bytes, shared) : 0;

    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

/* Not strncasecmp: that follows the locale. */
static unsigned char lower(char byte)
{
    return (unsigned char)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
}

bool text_equal_nocase(struct text a, struct text b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++) {
        if (lower(a.bytes[i]) != lower(b.bytes[i]))
            return false;
    }
    return true;
}

bool text_starts(struct text t, struct text with)
{
    return t.size >= with.size && text_equal(text_slice(t, 0, with.size), with);
}

bool text_ends(struct text t, struct text with)
{
    return t.size >= with.size && text_equal(text_slice(t, t.size - with.size, t.size), with);
}

size_t text_find_byte(struct text t, char byte)
{
    const char *at = t.size ? memchr(t.bytes, byte, t.size) : NULL;

    return at ? (size_t)(at - t.bytes) : t.size;
}

size_t text_find(struct text t, struct text needle)
{
    if (needle.size == 0)
        return 0;
    for (size_t from = 0; from + needle.size <= t.size; from++) {
        from += text_find_byte(text_slice(t, from, t.size), needle.bytes[0]);
        if (from + needle.size > t.size)
            break;
        if (memcmp(t.bytes + from, needle.bytes, needle.size) == 0)
            return from;
    }
    return t.size;
}

struct text text_slice(struct text t, size_t from, size_t to)
{
    if (to > t.size)
        to = t.size;
    if (from >= to)
        return (struct text){NULL, 0};
    return (struct text){t.bytes + from, to - from};
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct text text_trim(struct text t)
{
    while (t.size && is_space(t.bytes[t.size - 1]))
        t.size--;
    while (t.size && is_space(t.bytes[0])) {
        t.bytes++;
        t.size--;
    }
    return t;
}

bool text_split(struct text *rest, char byte, struct text *part)
{
    if (!rest->bytes)
        return false;
    size_t at = text_find_byte(*rest, byte);

    *part = (struct text){rest->bytes, at};
    if (at == rest->size)
        *rest = (struct text){NULL, 0};
    else
        *rest = (struct text){rest->bytes + at + 1, rest->size - at - 1};
    return true;
}

struct text text_cut(struct text t, size_t limit)
{
    if (t.size <= limit)
        return t;
    /* Back over continuation bytes, at most the three that a character can have. */
    size_t end = limit;

    while (end > 0 && limit - end < 3 && ((unsigned char)t.bytes[end] & 0xC0) == 0x80)
        end--;
    return (struct text){t.bytes, end};
}

bool text_to_integer(struct text t, int64_t *value)
{
    int64_t sum = 0;

    if (t.size == 0 || t.size > 19)
        return false;
    for (size_t i = 0; i < t.size; i++) {
        int digit = t.bytes[i] - '0';

        if (digit < 0 || digit > 9 || sum > (INT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

size_t text_character(struct text t)
{
    const unsigned char *p = (const unsigned char *)t.bytes;

    if (p[0] < 0x80)
        return 1;
    size_t size = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;

    if (p[0] < 0xC2 || p[0] > 0xF4 || t.size < size)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return size;
}

size_t text_write_character(uint32_t code, char into[4])
{
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    if (size == 1) {
        into[0] = (char)code;
        return 1;
    }
    for (size_t i = size - 1; i > 0; i--, code >>= 6)
        into[i] = (char)(0x80 | (code & 0x3F));
    into[0] = (char)(0xF00 >> size | code);
    return size;
}

bool text_is_utf8(struct text t)
{
    if (text_is_ascii(t)) /* mostly, and looked over many bytes at once */
        return true;
    for (size_t i = 0; i < t.size;) {
        size_t size = text_character(text_slice(t, i, t.size));

        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

bool text_is_ascii(struct text t)
{
    unsigned char all = 0;

    for (size_t i = 0; i < t.size; i++)
        all |= (unsigned char)t.bytes[i];
    return all < 0x80;
}
