/* Domain names: libidn2 knows IDN, libpsl the public suffixes. */
#include "base/indicator_parts.h"

#include <idn2.h>
#include <libpsl.h>
#include <stdlib.h>

enum { LABEL_MAX = 63, NAME_MAX_BYTES = 253 };

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

static bool is_label(struct text label)
{
    if (label.size == 0 || label.size > LABEL_MAX || label.bytes[0] == '-' ||
        label.bytes[label.size - 1] == '-')
        return false;
    for (size_t i = 0; i < label.size; i++) {
        char byte = label.bytes[i];

        if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9') && byte != '-' &&
            byte != '_')
            return false;
    }
    return true;
}

static enum indicator_reason to_ascii(struct text t, struct arena *arena, struct text *name)
{
    struct text copy = arena_textf(arena, "%.*s", (int)t.size, t.bytes);
    char *ascii = NULL;

    if (idn2_to_ascii_8z(copy.bytes, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
        return INDICATOR_BAD_DOMAIN;
    *name = arena_copy(arena, text_of(ascii));
    free(ascii);
    return INDICATOR_GOOD;
}

enum indicator_reason indicator_domain_name(struct text t, struct arena *arena, struct text *name)
{
    struct text rest, label;

    if (t.size > 4L * NAME_MAX_BYTES)
        return INDICATOR_BAD_DOMAIN;
    if (!text_is_ascii(t)) {
        if (to_ascii(t, arena, &t) != INDICATOR_GOOD)
            return INDICATOR_BAD_DOMAIN;
    }
    if (t.size > 0 && t.bytes[t.size - 1] == '.')
        t.size--;
    if (t.size == 0 || t.size > NAME_MAX_BYTES)
        return INDICATOR_BAD_DOMAIN;
    /* A NUL behind it, for libpsl. */
    char *bytes = arena_take(arena, t.size + 1);

    for (size_t i = 0; i < t.size; i++)
        bytes[i] = lower(t.bytes[i]);
    bytes[t.size] = '\0';
    *name = rest = (struct text){bytes, t.size};
    while (text_split(&rest, '.', &label)) {
        if (!is_label(label))
            return INDICATOR_BAD_DOMAIN;
    }
    return bytes[t.size - 1] == '.' ? INDICATOR_BAD_DOMAIN : INDICATOR_GOOD;
}

static struct text last_label(struct text name)
{
    size_t at = name.size;

    while (at > 0 && name.bytes[at - 1] != '.')
        at--;
    return text_slice(name, at, name.size);
}

bool indicator_domain_is_number(struct text name)
{
    int64_t number;

    return text_to_integer(last_label(name), &number);
}

/* Special-use names (RFC 6761 and its registry) are no public suffixes, yet are meant as names. */
static bool is_known_tld(struct text tld)
{
    static const char *const special[] = {"example", "test", "invalid", "local", "onion", "alt"};

    for (size_t i = 0; i < COUNT_OF(special); i++) {
        if (text_is(tld, special[i]))
            return true;
    }
    return psl_is_public_suffix2(psl_builtin(), tld.bytes, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}

enum indicator_reason indicator_domain(struct text t, bool guessed,
                                       const struct indicator_rules *rules, struct arena *arena,
                                       struct indicator *out)
{
    size_t colon = text_find_byte(t, ':');
    struct text tld;

    if (colon < t.size) {
        out->port = indicator_port(text_slice(t, colon + 1, t.size));
        if (out->port == 0)
            return INDICATOR_BAD_PORT;
        t = text_slice(t, 0, colon);
    }
    if (text_starts(t, TEXT("*."))) /* a domain means all below it anyway */
        t = text_slice(t, 2, t.size);
    else if (text_starts(t, TEXT(".")))
        t = text_slice(t, 1, t.size);
    if (indicator_domain_name(t, arena, &out->value) != INDICATOR_GOOD)
        return INDICATOR_BAD_DOMAIN;
    out->type = IOC_DOMAIN;
    tld = last_label(out->value);
    if (indicator_domain_is_number(out->value)) /* somebody meant an address */
        return INDICATOR_BAD_ADDRESS;
    if (tld.size == out->value.size)
        return INDICATOR_SINGLE_LABEL;
    if (rules->looking_up)
        return INDICATOR_GOOD;
    if (psl_is_public_suffix2(psl_builtin(), out->value.bytes, PSL_TYPE_ANY))
        return INDICATOR_PUBLIC_SUFFIX;
    return guessed && !is_known_tld(tld) ? INDICATOR_UNKNOWN_TLD : INDICATOR_GOOD;
}
