/* observable_reference: what observable.c must find, byte by byte and without sets of bits. What
 * stands around a host and names in other scripts are observable's own: they are no loops over all
 * bytes that were made fast. */
#pragma once

#include <stdlib.h>

#include "base/observable_parts.h"

struct observable_reference {
    struct text text;
    bool *is_v6; /* by byte: it is in an IPv6 address */
    size_t names_from;
    observable_visitor *visit;
    void *self;
};

static inline char reference_byte(struct text t, size_t at)
{
    return at < t.size ? t.bytes[at] : '\0'; /* -1 too */
}

static inline bool reference_is_name(struct text t, size_t at)
{
    char byte = reference_byte(t, at);

    if (byte == '.')
        return reference_byte(t, at - 1) != '.' && reference_byte(t, at + 1) != '.';
    return ascii_is_alnum(byte) || byte == '-' || byte == '_';
}

static inline void reference_show(struct observable_reference *r, enum observable_kind kind,
                                  size_t from, size_t to, const struct address *address)
{
    struct observable one = {.kind = kind,
                             .text = text_slice(r->text, from, to),
                             .link = OBSERVABLE_NO_URL,
                             .mail = OBSERVABLE_NONE};

    if (address)
        one.address = *address;
    if (kind == OBSERVABLE_IP || kind == OBSERVABLE_DOMAIN)
        observable_look_around(r->text, from, &one);
    for (size_t i = from; kind == OBSERVABLE_DOMAIN && to - from < 64 && i < to; i++)
        one.dots |= (uint64_t)(r->text.bytes[i] == '.') << (i - from);
    r->visit(r->self, &one);
}

static inline bool reference_take_v4(struct observable_reference *r, size_t from, size_t to)
{
    struct text token = text_slice(r->text, from, to);
    struct address address;

    if (text_find_byte(token, ':') < token.size || !address_parse(token, &address))
        return false;
    reference_show(r, OBSERVABLE_IP, from, to, &address);
    return true;
}

static inline bool reference_is_domain(struct text name)
{
    struct text rest = name, label = {0};
    bool is_top = true;

    if (name.size > 253 || text_find_byte(name, '.') == name.size)
        return false;
    while (text_split(&rest, '.', &label)) {
        if (label.size == 0 || label.size > 63)
            return false;
    }
    if (label.size > 4 && text_equal_nocase(text_slice(label, 0, 4), TEXT("xn--")))
        return true;
    for (size_t i = 0; i < label.size; i++)
        is_top &= ascii_is_letter(label.bytes[i]);
    return is_top && label.size >= 2;
}

static inline bool reference_take_name(struct observable_reference *r, size_t from, size_t to)
{
    if (!reference_is_domain(text_slice(r->text, from, to)))
        return false;
    reference_show(r, OBSERVABLE_DOMAIN, from, to, NULL);
    return true;
}

static inline bool reference_is_mailbox(struct text t, size_t end)
{
    size_t at = end;

    while (at - end <= 64 && observable_is(reference_byte(t, at), OBSERVABLE_MAILBOX))
        at++;
    char next = reference_byte(t, at + 1);

    return reference_byte(t, at) == '@' && (ascii_is_alnum(next) || next == '[');
}

static inline bool reference_is_dash(struct text t, size_t at)
{
    return t.bytes[at] == '-' || t.bytes[at] == '_';
}

static inline bool reference_take_part(struct observable_reference *r, size_t from, size_t dot,
                                       size_t to)
{
    size_t start = dot, end = dot;

    if (to - from > 63 || dot < from || dot >= to)
        return false;
    while (start > from && !reference_is_dash(r->text, start - 1))
        start--;
    while (end < to && !reference_is_dash(r->text, end))
        end++;
    if (start == from && end == to)
        return false;
    r->names_from = end;
    return reference_take_v4(r, start, end) || (end < to && reference_take_name(r, from, end));
}

static inline bool reference_on_dot(struct observable_reference *r, size_t dot)
{
    struct text t = r->text;
    size_t from = dot, to = dot;

    while (from > 0 && reference_is_name(t, from - 1))
        from--;
    while (reference_is_name(t, to))
        to++;
    if (from < r->names_from)
        from = r->names_from;
    r->names_from = to;
    bool is_percent = from > 0 && t.bytes[from - 1] == '%';

    while (is_percent && to - from > 2 && ascii_is_hex(t.bytes[from]) &&
           ascii_is_hex(t.bytes[from + 1])) {
        is_percent = t.bytes[from] == '2' && t.bytes[from + 1] == '5';
        from += 2;
    }
    while (from < to && (t.bytes[from] == '.' || t.bytes[from] == '-'))
        from++;
    while (to > from && !ascii_is_alnum(t.bytes[to - 1]))
        to--;
    if (to - from < 4 || reference_is_mailbox(t, to))
        return false;
    return reference_take_v4(r, from, to) || reference_take_name(r, from, to) ||
           reference_take_part(r, from, dot, to);
}

static inline bool reference_is_v6_byte(char byte)
{
    return ascii_is_hex(byte) || byte == ':';
}

static inline bool reference_is_word(char byte)
{
    return byte == '_' || ascii_is_alnum(byte);
}

static inline bool reference_has_shape_of_v6(struct text t)
{
    size_t colons = 0;

    for (size_t i = 0; i < t.size; i++)
        colons += t.bytes[i] == ':';
    return text_find(t, TEXT("::")) < t.size ? t.size > 2 : colons == 6 || colons == 7;
}

/* Returns where looking goes on. */
static inline size_t reference_on_colon(struct observable_reference *r, size_t colon)
{
    struct text t = r->text;
    size_t from = colon, to = colon + 1;
    struct address address;
    bool is_wrong = false;

    while (from > 0 && reference_is_v6_byte(t.bytes[from - 1]))
        from--;
    while (reference_is_v6_byte(reference_byte(t, to)) || reference_byte(t, to) == '.')
        to++;
    if (colon - from > 45 || to - colon > 46)
        return colon + 1;
    size_t behind = to;

    if (from > 0 && reference_is_word(t.bytes[from - 1])) {
        from += text_find_byte(text_slice(t, from, t.size), ':');
        is_wrong = t.bytes[from + 1] == ':';
    }
    if (is_wrong || reference_is_word(reference_byte(t, to)))
        return colon + 1;
    if (t.bytes[from] == ':' && t.bytes[from + 1] != ':')
        from++;
    while (to > from + 1 &&
           (t.bytes[to - 1] == '.' || (t.bytes[to - 1] == ':' && t.bytes[to - 2] != ':')))
        to--;
    struct text token = text_slice(t, from, to);

    if (token.size > 45 || !reference_has_shape_of_v6(token) || !address_parse(token, &address))
        return colon + 1;
    for (size_t i = from; i < behind; i++)
        r->is_v6[i] = true;
    reference_show(r, OBSERVABLE_IP, from, to, &address);
    return behind;
}

static inline void reference_each_v6(struct observable_reference *r)
{
    for (size_t at = 0; at < r->text.size;) {
        char before = reference_byte(r->text, at - 1), behind = reference_byte(r->text, at + 1);

        if (r->text.bytes[at] == ':' && reference_is_v6_byte(behind) &&
            (reference_is_v6_byte(before) || behind == ':'))
            at = reference_on_colon(r, at);
        else
            at++;
    }
}

static inline void reference_each_name(struct observable_reference *r)
{
    struct text t = r->text;

    for (size_t at = 0; at < t.size; at++) {
        if (t.bytes[at] == '.' && !r->is_v6[at] && at >= r->names_from &&
            reference_is_name(t, at) && reference_is_name(t, at - 1) &&
            reference_is_name(t, at + 1))
            reference_on_dot(r, at);
    }
}

static inline void reference_each_hash(struct observable_reference *r)
{
    struct text t = r->text;

    for (size_t from = 0, to; from<t.size; from = to> from ? to : from + 1) {
        to = from;
        while (ascii_is_hex(reference_byte(t, to)))
            to++;
        enum observable_kind kind = to - from == 32   ? OBSERVABLE_MD5
                                    : to - from == 40 ? OBSERVABLE_SHA1
                                    : to - from == 64 ? OBSERVABLE_SHA256
                                                      : OBSERVABLE_KINDS;
        bool is_number = from >= 2 && t.bytes[from - 2] == '0' && (t.bytes[from - 1] | 32) == 'x' &&
                         !ascii_is_alnum(reference_byte(t, from - 3));

        if (kind == OBSERVABLE_KINDS || ascii_is_alnum(reference_byte(t, to)) ||
            (ascii_is_alnum(reference_byte(t, from - 1)) && !is_number))
            continue;
        reference_show(r, kind, from, to, NULL);
    }
}

static inline void observable_reference_each(struct text text, struct arena *arena,
                                             observable_visitor *visit, void *self)
{
    struct observable_reference r = {.text = text, .visit = visit, .self = self};
    struct observable wide;
    size_t at = 0;

    r.is_v6 = arena_zero(arena, text.size + 1);
    reference_each_v6(&r);
    reference_each_name(&r);
    reference_each_hash(&r);
    while (!text_is_ascii(text) && observable_next_wide(text, &at, &wide))
        visit(self, &wide);
}

struct observable_list {
    struct observable *items;
    size_t count, capacity;
};

static inline void observable_list_add(void *self, const struct observable *one)
{
    struct observable_list *list = self;

    list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count++] = *one;
}

static inline bool observable_is_same(const struct observable *a, const struct observable *b)
{
    return a->kind == b->kind && a->text.bytes == b->text.bytes && a->text.size == b->text.size &&
           a->is_wide == b->is_wide && a->link == b->link && a->mail == b->mail &&
           (a->link == OBSERVABLE_NO_URL || a->authority == b->authority) &&
           (a->kind != OBSERVABLE_DOMAIN || a->dots == b->dots) &&
           (a->kind != OBSERVABLE_IP || memcmp(&a->address, &b->address, sizeof(a->address)) == 0);
}

/* Whether both find the same. */
static inline bool observable_forms_agree(struct text text, struct arena *arena)
{
    struct observable_list fast = {0}, slow = {0};
    bool is_same;

    observable_each(text, arena, &(struct observable_sink){&fast, observable_list_add, NULL});
    observable_reference_each(text, arena, observable_list_add, &slow);
    is_same = fast.count == slow.count;
    for (size_t i = 0; is_same && i < fast.count; i++)
        is_same = observable_is_same(&fast.items[i], &slow.items[i]);
    free(fast.items);
    free(slow.items);
    return is_same;
}
