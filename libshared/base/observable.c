#include "base/observable_parts.h"

enum { HASH_STRIDE = 32, WORD = 64, SHORTEST_V4 = 7, MAX_V4 = 15, MAX_V6 = 45, MAX_LABEL = 63 };
enum { SHORTEST = 4 /* "a.bc" */, SHORTEST_XN = 7 /* "a.xn--" */ };

struct scan {
    struct text text;
    struct observable_bits bits;
    observable_visitor *visit;
    void *self;
    struct observable one; /* the one being shown */
};

const unsigned char observable_classes[256] = {
#define A OBSERVABLE_ALNUM | OBSERVABLE_FIRST | OBSERVABLE_MAILBOX | OBSERVABLE_BEFORE
    ['0'] = A,
    ['1'] = A,
    ['2'] = A,
    ['3'] = A,
    ['4'] = A,
    ['5'] = A,
    ['6'] = A,
    ['7'] = A,
    ['8'] = A,
    ['9'] = A,
    ['a'] = A,
    ['b'] = A,
    ['c'] = A,
    ['d'] = A,
    ['e'] = A,
    ['f'] = A,
    ['g'] = A,
    ['h'] = A,
    ['i'] = A,
    ['j'] = A,
    ['k'] = A,
    ['l'] = A,
    ['m'] = A,
    ['n'] = A,
    ['o'] = A,
    ['p'] = A,
    ['q'] = A,
    ['r'] = A,
    ['s'] = A,
    ['t'] = A,
    ['u'] = A,
    ['v'] = A,
    ['w'] = A,
    ['x'] = A,
    ['y'] = A,
    ['z'] = A,
    ['A'] = A,
    ['B'] = A,
    ['C'] = A,
    ['D'] = A,
    ['E'] = A,
    ['F'] = A,
    ['G'] = A,
    ['H'] = A,
    ['I'] = A,
    ['J'] = A,
    ['K'] = A,
    ['L'] = A,
    ['M'] = A,
    ['N'] = A,
    ['O'] = A,
    ['P'] = A,
    ['Q'] = A,
    ['R'] = A,
    ['S'] = A,
    ['T'] = A,
    ['U'] = A,
    ['V'] = A,
    ['W'] = A,
    ['X'] = A,
    ['Y'] = A,
    ['Z'] = A,
#undef A
    ['_'] = OBSERVABLE_FIRST | OBSERVABLE_MAILBOX,
    ['-'] = OBSERVABLE_MAILBOX,
    ['.'] = OBSERVABLE_MAILBOX,
    ['+'] = OBSERVABLE_MAILBOX,
    ['@'] = OBSERVABLE_AT | OBSERVABLE_BEFORE,
    ['['] = OBSERVABLE_BEFORE,
    ['/'] = OBSERVABLE_BEFORE | OBSERVABLE_BEHIND,
    [':'] = OBSERVABLE_BEHIND,
};

static struct text between(const struct scan *scan, size_t from, size_t to)
{
    return (struct text){scan->text.bytes + from, to - from};
}

static bool is_hex(const struct scan *scan, size_t at)
{
    return observable_bits_has(&scan->bits, BIT_HEX, at);
}

static void show(struct scan *scan, enum observable_kind kind, size_t from, size_t to)
{
    scan->one.kind = kind;
    scan->one.text = between(scan, from, to);
    scan->one.link = OBSERVABLE_NO_URL;
    scan->one.mail = OBSERVABLE_NONE;
    scan->visit(scan->self, &scan->one);
}

static void show_host(struct scan *scan, enum observable_kind kind, size_t from, size_t to)
{
    const struct text *t = &scan->text;
    char before = from > 1 ? t->bytes[from - 1] : ' ';
    bool is_linked =
        observable_is(before, OBSERVABLE_BEFORE) && (before != '/' || t->bytes[from - 2] == '/');

    if (!is_linked && !(to < t->size && observable_is(t->bytes[to], OBSERVABLE_BEHIND))) {
        show(scan, kind, from, to);
        return;
    }
    scan->one.kind = kind;
    scan->one.text = between(scan, from, to);
    observable_look_around(*t, from, &scan->one);
    scan->visit(scan->self, &scan->one);
}

/* Names and IPv4: what stands around a dot. */

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
        unsigned ten = size > 1 ? (unsigned)(last[-1] - '0') : 0;
        unsigned hundred = size > 2 ? (unsigned)(last[-2] - '0') : 0;
        unsigned value = (unsigned)(*last - '0') + 10 * ten + 100 * hundred;

        wrong |= (unsigned)(size - 1 > 2) | (unsigned)(value > 255) |
                 (unsigned)(size > 1 && t.bytes[from] == '0');
        address->bytes[12 + i] = (unsigned char)value;
        dots &= dots - 1;
        from = to + 1;
    }
    return !wrong;
}

static uint64_t without_lowest(uint64_t bits)
{
    return bits & (bits - 1);
}

/* Three, no more and no fewer. */
static bool are_three(uint64_t dots)
{
    uint64_t third = without_lowest(without_lowest(dots));

    return third && !without_lowest(third);
}

static bool take_v4(struct scan *scan, size_t from, size_t to)
{
    size_t size = to - from;

    if (size > MAX_V4 || size < SHORTEST_V4)
        return false;
    uint64_t dots = observable_bits_at(&scan->bits, BIT_DOT, from, size);

    if (!are_three(dots) ||
        observable_bits_at(&scan->bits, BIT_NUMBER, from, size) != ((uint64_t)1 << size) - 1 ||
        !read_v4(between(scan, from, to), dots, &scan->one.address))
        return false;
    show_host(scan, OBSERVABLE_IP, from, to);
    return true;
}

/* "xn--" and what follows. */
static bool has_xn_label(struct scan *scan, size_t from, size_t to)
{
    const char *bytes = scan->text.bytes;
    size_t label = to;

    if (to - from <= SHORTEST_XN)
        return false;
    while (label > from && bytes[label - 1] != '.')
        label--;
    return label > from && to - label > 4 &&
           text_equal_nocase(between(scan, label, label + 4), TEXT("xn--"));
}

/* Letters alone, mostly. */
static bool has_top_label(struct scan *scan, size_t from, size_t to)
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
static uint64_t dots_in(const struct scan *scan, size_t from, size_t to)
{
    return to - from < WORD ? observable_bits_at(&scan->bits, BIT_DOT, from, to - from) : 0;
}

static bool take_name(struct scan *scan, size_t from, size_t to)
{
    if (to - from > OBSERVABLE_NAME_MAX || !has_top_label(scan, from, to) ||
        (to - from > MAX_LABEL && has_long_label(between(scan, from, to))))
        return false;
    scan->one.dots = dots_in(scan, from, to);
    show_host(scan, OBSERVABLE_DOMAIN, from, to);
    return true;
}

static bool is_dash(char byte)
{
    return byte == '-' || byte == '_';
}

/* "192.0.2.1-192.0.2.7", "evil.example_443", "eth0-192.0.2.1": what stands around @dot by itself.
 * Returns where looking goes on. */
static size_t take_part(struct scan *scan, size_t from, size_t dot, size_t to)
{
    const char *bytes = scan->text.bytes;
    size_t end = dot, start = dot;

    if (to - from >= WORD || dot < from || dot >= to)
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

static bool is_of_mailbox(const struct scan *scan, size_t end)
{
    const struct text *t = &scan->text;

    return end < t->size && observable_is(t->bytes[end], OBSERVABLE_MAILBOX | OBSERVABLE_AT) &&
           is_mailbox(*t, end);
}

/* What is nothing but a number, perhaps with a dot at either end: most are versions and fractions.
 */
static void take_number(struct scan *scan, size_t from, size_t to)
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
static size_t take_token(struct scan *scan, size_t from, size_t dot, size_t to)
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
    return take_name(scan, from, to) ? behind : take_part(scan, from, dot, to);
}

/* Looks at what is around @dot, but not before @floor; returns where looking goes on. */
static size_t on_dot(struct scan *scan, size_t dot, size_t floor)
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

static void scan_names(struct scan *scan)
{
    uint64_t(*of)[BIT_KINDS] = scan->bits.of;
    size_t behind = 0;

    for (size_t word = 0; word < scan->bits.words; word++) {
        uint64_t marks = of[word][BIT_MARK];

        while (marks) {
            size_t dot = word * WORD + (size_t)__builtin_ctzll(marks);

            if (dot >= behind)
                behind = on_dot(scan, dot, behind);
            marks &= marks - 1;
        }
    }
}

/* IPv6: colons between hex digits; not the "std::string" of a program nor the time of day. */

static bool has_shape_of_v6(struct text t)
{
    int colons = 0;
    bool is_short = false;

    for (size_t i = 0; i < t.size; i++) {
        if (t.bytes[i] != ':')
            continue;
        colons++;
        is_short |= i + 1 < t.size && t.bytes[i + 1] == ':';
    }
    return is_short ? t.size > 2 : colons == 7 || colons == 6;
}

static bool is_word(char byte)
{
    return byte == '_' || ascii_is_alnum(byte);
}

/* Whether the first colon of an address may stand at @colon: two are side by side, or five more
 * follow. */
static bool may_begin_v6(const struct scan *scan, size_t colon)
{
    uint64_t colons = observable_bits_at(&scan->bits, BIT_COLON, colon, MAX_V6);
    uint64_t third = without_lowest(without_lowest(colons));

    return (colons & colons >> 1) || without_lowest(without_lowest(without_lowest(third)));
}

/* Where the colons and digits around @colon begin: behind the word of "source:2001:db8::1". NONE:
 * they are no address. */
static size_t v6_from(const struct scan *scan, size_t colon)
{
    const char *bytes = scan->text.bytes;
    size_t from = colon;

    while (from > 0 && colon - from <= MAX_V6 && (is_hex(scan, from - 1) || bytes[from - 1] == ':'))
        from--;
    if (colon - from > MAX_V6)
        return OBSERVABLE_NONE;
    if (from > 0 && is_word(bytes[from - 1])) {
        while (bytes[from] != ':')
            from++;
        if (bytes[from + 1] == ':')
            return OBSERVABLE_NONE;
    }
    return bytes[from] == ':' && bytes[from + 1] != ':' ? from + 1 : from;
}

/* The dots of "::ffff:192.0.2.1" are no marks any more. */
static void clear_marks(struct scan *scan, size_t from, size_t to)
{
    for (size_t at = from; at < to; at++)
        scan->bits.of[at / WORD][BIT_MARK] &= ~((uint64_t)1 << (at % WORD));
}

/* Returns where looking goes on. */
static size_t on_pair(struct scan *scan, size_t colon)
{
    const struct text *t = &scan->text;
    size_t from, to = colon + 1;

    if (!may_begin_v6(scan, colon))
        return to;
    from = v6_from(scan, colon);
    while (to < t->size && to - colon <= MAX_V6 + 1 &&
           (is_hex(scan, to) || t->bytes[to] == ':' || t->bytes[to] == '.'))
        to++;
    size_t behind = to;

    if (from == OBSERVABLE_NONE || to - colon > MAX_V6 + 1 ||
        (to < t->size && is_word(t->bytes[to])))
        return colon + 1;
    while (to > from + 1 &&
           (t->bytes[to - 1] == '.' || (t->bytes[to - 1] == ':' && t->bytes[to - 2] != ':')))
        to--;
    struct text token = between(scan, from, to);

    if (token.size > MAX_V6 || !has_shape_of_v6(token) || !address_parse(token, &scan->one.address))
        return colon + 1;
    clear_marks(scan, from, behind);
    show_host(scan, OBSERVABLE_IP, from, to);
    return behind;
}

static void scan_pairs(struct scan *scan)
{
    size_t behind = 0;

    for (size_t word = 0; word < scan->bits.words; word++) {
        for (uint64_t pairs = scan->bits.of[word][BIT_PAIR]; pairs; pairs &= pairs - 1) {
            size_t colon = word * WORD + (size_t)__builtin_ctzll(pairs);

            if (colon >= behind)
                behind = on_pair(scan, colon);
        }
    }
}

/* Hashes. */

static enum observable_kind kind_of_hash(size_t digits)
{
    switch (digits) {
    case 32:
        return OBSERVABLE_MD5;
    case 40:
        return OBSERVABLE_SHA1;
    case 64:
        return OBSERVABLE_SHA256;
    default:
        return OBSERVABLE_KINDS;
    }
}

/* Not a part of a longer word; "0x" may stand before it. */
static bool is_apart(struct text t, size_t from, size_t to)
{
    bool is_number = from >= 2 && t.bytes[from - 2] == '0' && (t.bytes[from - 1] | 0x20) == 'x' &&
                     (from == 2 || !ascii_is_alnum(t.bytes[from - 3]));

    return (from == 0 || !ascii_is_alnum(t.bytes[from - 1]) || is_number) &&
           (to == t.size || !ascii_is_alnum(t.bytes[to]));
}

/* A run of 32 digits or more has one at each 32nd byte. */
static void scan_hashes(struct scan *scan)
{
    for (size_t look = HASH_STRIDE - 1; look < scan->text.size; look += HASH_STRIDE) {
        if (!is_hex(scan, look))
            continue;
        size_t from = observable_bits_from(&scan->bits, BIT_HEX, look);
        size_t to = observable_bits_to(&scan->bits, BIT_HEX, look);

        if (to - from >= HASH_STRIDE) {
            enum observable_kind kind = kind_of_hash(to - from);

            if (kind != OBSERVABLE_KINDS && is_apart(scan->text, from, to))
                show(scan, kind, from, to);
            look = (to / HASH_STRIDE - 1) * HASH_STRIDE + HASH_STRIDE - 1;
        }
    }
}

static void scan_wide(struct scan *scan)
{
    size_t at = 0;

    while (observable_next_wide(scan->text, &at, &scan->one))
        scan->visit(scan->self, &scan->one);
}

void observable_each(struct text text, struct arena *arena, observable_visitor *visit, void *self)
{
    struct scan scan = {.text = text, .visit = visit, .self = self};

    scan.bits = observable_bits_of(text, arena);
    if (scan.bits.has_pairs)
        scan_pairs(&scan);
    scan_names(&scan);
    scan_hashes(&scan);
    if (scan.bits.has_high)
        scan_wide(&scan);
}
