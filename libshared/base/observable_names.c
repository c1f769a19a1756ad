/* Names and IPv4: what stands around a dot. */
#include "base/observable_parts.h"

enum { SHORTEST_V4 = 7, MAX_V4 = 15, MAX_LABEL = 63 };
enum { SHORTEST = 4 /* "a.bc" */, SHORTEST_XN = 7 /* "a.xn--" */ };

/* Four numbers and three dots; whether they are right is judged without branches, since their
 * lengths cannot be foreseen. */
static bool read_v4(struct text t, uint64_t dots, struct address *address)
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    size_t from = 0;
    unsigned wrong = 0;

    memcpy(address->bytes, mapped, sizeof(mapped));
    dots |= (uint64_t)1 << t.size;
    for (int i = 0; i < 4; i++) {
        size_t to = (size_t)__builtin_ctzll(dots), size = to - from;
        const char *last = t.bytes + to - 1;
        int has_ten = size > 1, has_hundred = size > 2;
        int ten = has_ten * (last[-has_ten] - '0');
        int hundred = has_hundred * (last[-2 * has_hundred] - '0');
        unsigned value = (unsigned)(*last - '0' + 10 * ten + 100 * hundred);

        /* Of another size: longer than three digits, or with zeros before them. */
        wrong |= (unsigned)(value > 255) |
                 (unsigned)(size != 1u + (unsigned)(value > 9) + (unsigned)(value > 99));
        address->bytes[12 + i] = (unsigned char)value;
        dots &= dots - 1;
        from = to + 1;
    }
    return !wrong;
}

/* Three, no more and no fewer. */
static bool are_three(uint64_t dots)
{
    uint64_t third = observable_without_lowest(observable_without_lowest(dots));

    return third && !observable_without_lowest(third);
}

static bool take_v4(struct observable_scan *scan, size_t from, size_t to)
{
    size_t size = to - from;

    if (size > MAX_V4 || size < SHORTEST_V4)
        return false;
    uint64_t dots = observable_bits_at(&scan->bits, BIT_DOT, from, size);

    if (!are_three(dots) ||
        observable_bits_at(&scan->bits, BIT_NUMBER, from, size) != ((uint64_t)1 << size) - 1 ||
        !read_v4(observable_between(scan, from, to), dots, &scan->one.address))
        return false;
    observable_show_host(scan, OBSERVABLE_IP, from, to);
    return true;
}

/* "xn--" and what follows. */
static bool has_xn_label(struct observable_scan *scan, size_t from, size_t to)
{
    const char *bytes = scan->text.bytes;
    size_t label = to;

    if (to - from <= SHORTEST_XN)
        return false;
    while (label > from && bytes[label - 1] != '.')
        label--;
    return label > from && to - label > 4 &&
           text_equal_nocase(observable_between(scan, label, label + 4), TEXT("xn--"));
}

/* Letters alone, mostly. */
static bool has_top_label(struct observable_scan *scan, size_t from, size_t to)
{
    size_t label = observable_bits_from(&scan->bits, BIT_LETTER, to);

    if (label > from && scan->text.bytes[label - 1] == '.')
        return to - label >= 2;
    return has_xn_label(scan, from, to);
}

/* As dots stand alone in it, a label is never empty. */
static bool has_long_label(struct text name)
{
    size_t from = 0;

    for (size_t i = 0; i <= name.size; i++) {
        if (i < name.size && name.bytes[i] != '.')
            continue;
        if (i - from > MAX_LABEL)
            return true;
        from = i + 1;
    }
    return false;
}

/* Where the dots are, if it is shorter than a word. */
static uint64_t dots_in(const struct observable_scan *scan, size_t from, size_t to)
{
    return to - from < OBSERVABLE_WORD ? observable_bits_at(&scan->bits, BIT_DOT, from, to - from)
                                       : 0;
}

static bool take_name(struct observable_scan *scan, size_t from, size_t to)
{
    if (to - from > OBSERVABLE_NAME_MAX || !has_top_label(scan, from, to) ||
        (to - from > MAX_LABEL && has_long_label(observable_between(scan, from, to))))
        return false;
    scan->one.dots = dots_in(scan, from, to);
    observable_show_host(scan, OBSERVABLE_DOMAIN, from, to);
    return true;
}

/* True for what is too long to tell. */
static bool may_have_dash(const struct observable_scan *scan, size_t from, size_t to)
{
    size_t size = to - from;

    if (size >= OBSERVABLE_WORD)
        return true;
    return (observable_bits_at(&scan->bits, BIT_LETTER, from, size) |
            observable_bits_at(&scan->bits, BIT_NUMBER, from, size)) != ((uint64_t)1 << size) - 1;
}

static bool is_dash(char byte)
{
    return byte == '-' || byte == '_';
}

/* "192.0.2.1-192.0.2.7", "evil.example_443", "eth0-192.0.2.1": what stands around @dot by itself.
 * Returns where looking goes on. */
static size_t take_part(struct observable_scan *scan, size_t from, size_t dot, size_t to)
{
    const char *bytes = scan->text.bytes;
    size_t end = dot, start = dot;

    if (to - from >= OBSERVABLE_WORD || dot < from || dot >= to)
        return to;
    while (end < to && !is_dash(bytes[end]))
        end++;
    while (start > from && !is_dash(bytes[start - 1]))
        start--;
    if (!take_v4(scan, start, end) && end < to)
        take_name(scan, from, end);
    return end;
}

/* Whether it is what stands before the "@" of a mail address. */
static bool is_mailbox(struct text t, size_t end)
{
    size_t at = end;

    while (at < t.size && at - end <= OBSERVABLE_MAILBOX_MAX &&
           observable_is(t.bytes[at], OBSERVABLE_MAILBOX))
        at++;
    return at + 1 < t.size && t.bytes[at] == '@' &&
           (ascii_is_alnum(t.bytes[at + 1]) || t.bytes[at + 1] == '[');
}

/* Behind what is left of "%2F" or "%252F". */
static size_t behind_escapes(struct text t, size_t from, size_t to)
{
    bool is_percent = true;

    while (is_percent && to - from > 2 && ascii_is_hex(t.bytes[from]) &&
           ascii_is_hex(t.bytes[from + 1])) {
        is_percent = t.bytes[from] == '2' && t.bytes[from + 1] == '5';
        from += 2;
    }
    return from;
}

static bool is_of_mailbox(const struct observable_scan *scan, size_t end)
{
    const struct text *t = &scan->text;

    return end < t->size && observable_is(t->bytes[end], OBSERVABLE_MAILBOX | OBSERVABLE_AT) &&
           is_mailbox(*t, end);
}

/* What is nothing but a number, perhaps with a dot at either end: most are versions and fractions.
 */
static void take_number(struct observable_scan *scan, size_t from, size_t to)
{
    const char *bytes = scan->text.bytes;

    if (to - from < SHORTEST_V4)
        return;
    from += bytes[from] == '.';
    to -= bytes[to - 1] == '.';
    if (!is_of_mailbox(scan, to))
        take_v4(scan, from, to);
}

/* Anything else. Returns where looking goes on. */
static size_t take_token(struct observable_scan *scan, size_t from, size_t dot, size_t to)
{
    const struct text *t = &scan->text;
    size_t behind = to;

    if (from > 0 && t->bytes[from - 1] == '%')
        from = behind_escapes(*t, from, to);
    while (from < to && !observable_is(t->bytes[from], OBSERVABLE_FIRST))
        from++;
    while (to > from && !observable_is(t->bytes[to - 1], OBSERVABLE_ALNUM))
        to--;
    if (to < from + SHORTEST || is_of_mailbox(scan, to))
        return behind;
    if (ascii_is_digit(t->bytes[to - 1]) && take_v4(scan, from, to))
        return behind;
    if (!take_name(scan, from, to) && may_have_dash(scan, from, to))
        return take_part(scan, from, dot, to);
    return behind;
}

/* Looks at what is around @dot, but not before @floor; returns where looking goes on. */
static size_t on_dot(struct observable_scan *scan, size_t dot, size_t floor)
{
    const struct observable_bits *bits = &scan->bits;
    size_t to = observable_bits_to(bits, BIT_NAME, dot), from;

    if (observable_bits_has(bits, BIT_NUMBER, to - 1)) {
        from = observable_bits_from(bits, BIT_NUMBER, to);
        bool is_first = from == 0 && floor == 0;

        if (is_first || (from > floor && scan->text.bytes[from - 1] != '%' &&
                         !observable_bits_has(bits, BIT_NAME, from - 1))) {
            take_number(scan, from, to);
            return to;
        }
    }
    from = observable_bits_from(bits, BIT_NAME, dot);
    return take_token(scan, from < floor ? floor : from, dot, to);
}

/* What stands between two gaps. */
static void scan_part(struct observable_scan *scan, size_t from, size_t to)
{
    size_t at = from, behind = from > 0 ? from - 1 : 0;

    observable_bits_add_names(&scan->bits, from, to);
    while ((at = observable_bits_first(&scan->bits, BIT_MARK, at, to)) < to) {
        behind = on_dot(scan, at, behind);
        at = behind > at ? behind : at + 1;
    }
}

void observable_scan_names(struct observable_scan *scan)
{
    const struct observable_sink *sink = scan->sink;

    for (size_t word = 0; word < scan->bits.words; word++) {
        uint64_t hints = scan->bits.of[word][BIT_HINT];

        for (; hints; hints = observable_without_lowest(hints)) {
            size_t hint = word * OBSERVABLE_WORD + (size_t)__builtin_ctzll(hints);
            size_t from = observable_bits_behind_last(&scan->bits, BIT_GAP, hint);
            size_t to = observable_bits_first(&scan->bits, BIT_GAP, hint, scan->text.size);

            if (!sink->may_skip || !sink->may_skip(sink->self, observable_between(scan, from, to)))
                scan_part(scan, from, to);
        }
    }
}
