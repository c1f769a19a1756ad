#include "base/observable_parts.h"

enum { BLOCK = 16 };

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

static void show(struct observable_scan *scan, enum observable_kind kind, size_t from, size_t to)
{
    scan->one.kind = kind;
    scan->one.text = observable_between(scan, from, to);
    scan->one.link = OBSERVABLE_NO_URL;
    scan->one.mail = OBSERVABLE_NONE;
    scan->sink->visit(scan->sink->self, &scan->one);
}

void observable_show_host(struct observable_scan *scan, enum observable_kind kind, size_t from,
                          size_t to)
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
    scan->one.text = observable_between(scan, from, to);
    observable_look_around(*t, from, &scan->one);
    scan->sink->visit(scan->sink->self, &scan->one);
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

/* Of a block, the byte where it begins. Returns where looking goes on. */
static size_t on_block(struct observable_scan *scan, size_t from)
{
    struct text t = scan->text;
    size_t to = from, block_end = from + BLOCK;

    while (to < t.size && ascii_is_hex(t.bytes[to]))
        to++;
    if (to < block_end)
        return block_end;
    while (from > 0 && ascii_is_hex(t.bytes[from - 1]))
        from--;
    enum observable_kind kind = kind_of_hash(to - from);

    if (kind != OBSERVABLE_KINDS && is_apart(t, from, to))
        show(scan, kind, from, to);
    return to;
}

/* A run of 32 digits or more has a whole block in it. */
static void scan_hashes(struct observable_scan *scan)
{
    size_t behind = 0;

    for (size_t word = 0; word < scan->bits.words; word++) {
        uint64_t ends = observable_bits_blocks(scan->bits.of[word][BIT_SOLID]);

        for (; ends; ends = observable_without_lowest(ends)) {
            size_t from = word * OBSERVABLE_WORD + (size_t)__builtin_ctzll(ends) + 1 - BLOCK;

            if (from >= behind)
                behind = on_block(scan, from);
        }
    }
}

static void scan_wide(struct observable_scan *scan)
{
    size_t at = 0;

    while (observable_next_wide(scan->text, &at, &scan->one))
        scan->sink->visit(scan->sink->self, &scan->one);
}

void observable_each(struct text text, struct arena *arena, const struct observable_sink *sink)
{
    struct observable_scan scan;

    scan.text = text;
    scan.sink = sink;
    scan.one = (struct observable){0};
    observable_bits_make(&scan.bits, text, arena);
    if (scan.bits.may_have_v6)
        observable_scan_v6(&scan);
    observable_scan_names(&scan);
    if (scan.bits.has_blocks)
        scan_hashes(&scan);
    if (scan.bits.has_high)
        scan_wide(&scan);
}
