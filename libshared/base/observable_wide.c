/* Names in other scripts: "münchen.example", "пример.рф", "例え。テスト". */
#include "base/observable_parts.h"

enum { MOST = 4 * OBSERVABLE_NAME_MAX };

/* Signs that stand beside names, and never in one: general punctuation (U+2000 to U+203F), Chinese
 * and Japanese commas and brackets, and their wide forms. The full stop U+3002 is a dot. */
static const char *const signs[] = {"\xE2\x80",     "\xE3\x80\x80", "\xE3\x80\x81", "\xE3\x80\x8C",
                                    "\xE3\x80\x8D", "\xE3\x80\x8E", "\xE3\x80\x8F", "\xE3\x80\x90",
                                    "\xE3\x80\x91", "\xEF\xBC\x8C", "\xEF\xBC\x9A", "\xEF\xBC\x88",
                                    "\xEF\xBC\x89", "\xC2\xA0",     "\xC2\xAB",     "\xC2\xBB"};
static const char full_stop[] = "\xE3\x80\x82";

/* How many bytes of a name stand at @at: 0 for none. */
static size_t step(struct text t, size_t at)
{
    char byte = t.bytes[at];

    if ((unsigned char)byte < 0x80)
        return ascii_is_alnum(byte) || byte == '-' || byte == '_' || byte == '.';
    struct text rest = text_slice(t, at, at + 4);

    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (text_starts(rest, text_of(signs[i])))
            return 0;
    }
    return text_character(rest);
}

/* Neither dots nor dashes at the ends. */
static struct text trim(struct text t)
{
    while (t.size > 0 && (t.bytes[0] == '.' || t.bytes[0] == '-'))
        t = text_slice(t, 1, t.size);
    for (size_t before = 0; t.size != before;) {
        before = t.size;
        if (t.size > 0 && (t.bytes[t.size - 1] == '.' || t.bytes[t.size - 1] == '-'))
            t.size--;
        if (text_ends(t, TEXT(full_stop)))
            t.size -= sizeof(full_stop) - 1;
    }
    return t;
}

static bool is_name(struct text t)
{
    return t.size > 0 && t.size <= MOST && !text_is_ascii(t) &&
           (text_find_byte(t, '.') < t.size || text_find(t, TEXT(full_stop)) < t.size);
}

bool observable_next_wide(struct text t, size_t *at, struct observable *found)
{
    while (*at < t.size) {
        size_t from = *at, size;

        while (*at < t.size && (size = step(t, *at)) > 0)
            *at += size;
        struct text name = trim(text_slice(t, from, *at));

        if (*at == from)
            ++*at;
        if (!is_name(name))
            continue;
        found->kind = OBSERVABLE_DOMAIN;
        found->text = name;
        found->dots = 0;
        found->is_wide = true;
        observable_look_around(t, (size_t)(name.bytes - t.bytes), found);
        return true;
    }
    return false;
}
