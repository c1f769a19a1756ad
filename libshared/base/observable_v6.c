/* IPv6: colons between hex digits; not the "std::string" of a program nor the time of day. */
#include "base/observable_parts.h"

enum { MAX_V6 = 45 };

static bool is_digit_or_colon(char byte)
{
    return ascii_is_hex(byte) || byte == ':';
}

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

/* Whether @colon may be the first with something before it in an address: two are side by side,
 * or five more follow. */
static bool may_begin_v6(const struct observable_scan *scan, size_t colon)
{
    uint64_t colons = observable_bits_at(&scan->bits, BIT_COLON, colon - 1, MAX_V6 + 1);
    uint64_t third = observable_without_lowest(observable_without_lowest(colons));

    return (colons & colons >> 1) ||
           observable_without_lowest(observable_without_lowest(observable_without_lowest(third)));
}

/* Where the colons and digits around @colon begin: behind the word of "source:2001:db8::1". NONE:
 * they are no address. */
static size_t v6_from(const struct observable_scan *scan, size_t colon)
{
    const char *bytes = scan->text.bytes;
    size_t from = colon;

    while (from > 0 && colon - from <= MAX_V6 && is_digit_or_colon(bytes[from - 1]))
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
static void clear_marks(struct observable_scan *scan, size_t from, size_t to)
{
    for (size_t at = from; at < to; at++)
        scan->bits.of[at / OBSERVABLE_WORD][BIT_MARK] &= ~((uint64_t)1 << (at % OBSERVABLE_WORD));
}

/* Returns where looking goes on. */
static size_t on_pair(struct observable_scan *scan, size_t colon)
{
    const struct text *t = &scan->text;
    size_t from, to = colon + 1;

    if (to == t->size || !is_digit_or_colon(t->bytes[to]) || !may_begin_v6(scan, colon))
        return to;
    from = v6_from(scan, colon);
    while (to < t->size && to - colon <= MAX_V6 + 1 &&
           (is_digit_or_colon(t->bytes[to]) || t->bytes[to] == '.'))
        to++;
    size_t behind = to;

    if (from == OBSERVABLE_NONE || to - colon > MAX_V6 + 1 ||
        (to < t->size && is_word(t->bytes[to])))
        return colon + 1;
    while (to > from + 1 &&
           (t->bytes[to - 1] == '.' || (t->bytes[to - 1] == ':' && t->bytes[to - 2] != ':')))
        to--;
    struct text token = observable_between(scan, from, to);

    if (token.size > MAX_V6 || !has_shape_of_v6(token) || !address_parse(token, &scan->one.address))
        return colon + 1;
    clear_marks(scan, from, behind);
    observable_show_host(scan, OBSERVABLE_IP, from, to);
    return behind;
}

void observable_scan_v6(struct observable_scan *scan)
{
    size_t behind = 0;

    for (size_t word = 0; word < scan->bits.words; word++) {
        for (uint64_t pairs = scan->bits.of[word][BIT_PAIR]; pairs; pairs &= pairs - 1) {
            size_t colon = word * OBSERVABLE_WORD + (size_t)__builtin_ctzll(pairs);

            if (colon >= behind)
                behind = on_pair(scan, colon);
        }
    }
}
