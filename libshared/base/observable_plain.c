#include "base/observable_parts.h"

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

/* Escapes that are left: of JSON in JSON, in other texts, of written "\n", and rsyslog's "#011" for
 * control characters. Whether they are any is not certain ("C:\new.example"): words that have some
 * are read both ways. */

static bool may_join(struct text t, size_t at)
{
    return at < t.size && (observable_is(t.bytes[at], OBSERVABLE_FIRST) || t.bytes[at] & 0x80);
}

/* Where the escape ends that begins at @at, and what it stands for; @at: none that matters. What
 * stands before a control character ends there anyway; what stands behind it would have the
 * escape's letter at its front. */
static size_t escape_end(struct text t, size_t at, long *value)
{
    size_t end = at;

    *value = ' ';
    if (t.bytes[at] == '#') {
        struct text digits = text_slice(t, at + 1, at + 4);
        bool is_control = digits.size == 3 && digits.bytes[0] == '0' &&
                          (digits.bytes[1] & ~3) == '0' && (digits.bytes[2] & ~7) == '0';

        return is_control && may_join(t, at + 4) ? at + 4 : at;
    }
    while (end < t.size && t.bytes[end] == '\\')
        end++;
    if (end == t.size)
        return at;
    switch (t.bytes[end]) {
    case 'n':
    case 'r':
    case 't':
        return may_join(t, end + 1) ? end + 1 : at;
    case '/':
        *value = '/';
        return end + 1;
    case 'u':
        *value = code_unit(t, end + 1);
        return *value > 0 && *value < 0xD800 ? end + 5 : at;
    default:
        return at;
    }
}

/* The next escape from @at on; t.size: there is none. */
static size_t next_escape(struct text t, size_t at)
{
    long value;

    if (text_find_byte(t, '\\') == t.size && text_find_byte(t, '#') == t.size)
        return t.size;
    for (; at < t.size; at++) {
        if ((t.bytes[at] == '\\' || t.bytes[at] == '#') && escape_end(t, at, &value) > at)
            break;
    }
    return at;
}

static bool is_between_words(char byte)
{
    return byte == '"' || (unsigned char)byte <= ' ';
}

static size_t add_other_reading(struct text word, char *out)
{
    size_t size = 0;

    for (size_t at = 0; at < word.size;) {
        long value;
        bool is_mark = word.bytes[at] == '\\' || word.bytes[at] == '#';
        size_t end = is_mark ? escape_end(word, at, &value) : at;

        if (end > at) {
            size += write_character(value, out + size);
            at = end;
        } else {
            out[size++] = word.bytes[at++];
        }
    }
    return size;
}

/* @t, and behind it the words that have escapes, without these. */
static struct text with_other_readings(struct text t, struct arena *arena)
{
    size_t at = next_escape(t, 0), size = t.size, behind = 0;
    char *out;

    if (at == t.size)
        return t;
    out = arena_take(arena, 2 * t.size); /* an escape is longer than its character and a space */
    memcpy(out, t.bytes, t.size);
    while (at < t.size) {
        size_t from = at;

        while (from > behind && !is_between_words(t.bytes[from - 1]))
            from--;
        for (behind = at; behind < t.size && !is_between_words(t.bytes[behind]);)
            behind++;
        out[size++] = ' ';
        size += add_other_reading(text_slice(t, from, behind), out + size);
        at = next_escape(t, behind);
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
    bool has_escapes = text_find_byte(text, '\\') < text.size;

    if (has_escapes && escapes)
        text = unescape(text, arena);
    if (has_escapes)
        text = unescape_slashes(text, arena);
    if (has_escapes || text_find(text, TEXT("#0")) < text.size)
        text = with_other_readings(text, arena);
    if (defanged && may_be_defanged(text))
        text = refang(text, arena);
    return text;
}
