#include "base/observable.h"

#include "base/hash64.h"

enum { NAME = 1, HEX = 2, LOCAL = 4, URL_END = 8, ALNUM = 16, SCHEME = 32 };
enum { HASH_STRIDE = 32, MAX_V6 = 45, MAX_NAME = 253, MAX_LABEL = 63, MAX_LOCAL = 64 };

const char *const observable_names[OBSERVABLE_KINDS] = {"ip",  "domain", "url",   "email",
                                                        "md5", "sha1",   "sha256"};

#define H (NAME | HEX | LOCAL | ALNUM | SCHEME)
#define A (NAME | LOCAL | ALNUM | SCHEME)
/* What each byte may be a part of; controls and spaces: see ends_url(). */
static const unsigned char classes[256] = {
    ['"'] = URL_END,
    ['\''] = URL_END,
    ['<'] = URL_END,
    ['>'] = URL_END,
    ['\\'] = URL_END,
    ['^'] = URL_END,
    ['`'] = URL_END,
    ['{'] = URL_END,
    ['|'] = URL_END,
    ['}'] = URL_END,
    ['-'] = NAME | LOCAL | SCHEME,
    ['_'] = NAME | LOCAL,
    ['.'] = NAME | LOCAL | SCHEME,
    ['+'] = LOCAL | SCHEME,
    ['%'] = LOCAL,
    ['0'] = H,
    ['1'] = H,
    ['2'] = H,
    ['3'] = H,
    ['4'] = H,
    ['5'] = H,
    ['6'] = H,
    ['7'] = H,
    ['8'] = H,
    ['9'] = H,
    ['a'] = H,
    ['b'] = H,
    ['c'] = H,
    ['d'] = H,
    ['e'] = H,
    ['f'] = H,
    ['A'] = H,
    ['B'] = H,
    ['C'] = H,
    ['D'] = H,
    ['E'] = H,
    ['F'] = H,
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
};
#undef H
#undef A

static bool is(const struct text *t, size_t at, int class)
{
    return classes[(unsigned char)t->bytes[at]] & class;
}

static bool ends_url(char byte)
{
    return (unsigned char)byte <= ' ' || byte == 0x7F || classes[(unsigned char)byte] & URL_END;
}

struct observable_scan observable_scan_of(struct text text)
{
    return (struct observable_scan){.text = text};
}

static void found(struct observable_scan *scan, enum observable_kind kind, struct text text)
{
    struct observable *next = &scan->waiting[scan->waiting_count++];

    next->kind = kind;
    next->text = text;
}

/* A byte that is zero in @x has its upper bit set in the result; so may bytes above it. */
static uint64_t zeros(uint64_t x)
{
    return (x - UINT64_C(0x0101010101010101)) & ~x & UINT64_C(0x8080808080808080);
}

/* The first dot or colon from @at on, or the text's end. */
static size_t next_mark(struct text t, size_t at)
{
    for (; at + 8 <= t.size; at += 8) {
        uint64_t word = hash64_load((const unsigned char *)t.bytes + at);
        uint64_t marks =
            zeros(word ^ UINT64_C(0x2E2E2E2E2E2E2E2E)) | zeros(word ^ UINT64_C(0x3A3A3A3A3A3A3A3A));

        if (marks)
            return at + (size_t)__builtin_ctzll(marks) / 8;
    }
    while (at < t.size && t.bytes[at] != '.' && t.bytes[at] != ':')
        at++;
    return at;
}

/* Back from @at over bytes of @class. */
static size_t start_of(const struct text *t, size_t at, size_t floor, int class)
{
    while (at > floor && is(t, at - 1, class))
        at--;
    return at;
}

static size_t end_of(const struct text *t, size_t at, int class)
{
    while (at < t->size && is(t, at, class))
        at++;
    return at;
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
    return byte == '_' || classes[(unsigned char)byte] & ALNUM;
}

static void take_v6(struct observable_scan *scan, size_t colon)
{
    const struct text *t = &scan->text;
    size_t from = colon, to = colon;

    while (from > scan->floor && (is(t, from - 1, HEX) || t->bytes[from - 1] == ':'))
        from--;
    while (to < t->size && (is(t, to, HEX) || t->bytes[to] == ':' || t->bytes[to] == '.'))
        to++;
    scan->at = to;
    if ((from > 0 && is_word(t->bytes[from - 1])) || (to < t->size && is_word(t->bytes[to])))
        return;
    struct text token = text_slice(*t, from, to);

    while (token.size > 1 &&
           (token.bytes[token.size - 1] == '.' ||
            (token.bytes[token.size - 1] == ':' && token.bytes[token.size - 2] != ':')))
        token.size--;
    if (token.size > MAX_V6 || !has_shape_of_v6(token) ||
        !address_parse(token, &scan->waiting[0].address))
        return;
    found(scan, OBSERVABLE_IP, token);
}

static void on_colon(struct observable_scan *scan, size_t colon)
{
    const struct text *t = &scan->text;
    bool before = colon > 0 && (is(t, colon - 1, HEX) || t->bytes[colon - 1] == ':');
    bool after = colon + 1 < t->size && (is(t, colon + 1, HEX) || t->bytes[colon + 1] == ':');

    scan->at = colon + 1;
    if (after && (before || t->bytes[colon + 1] == ':'))
        take_v6(scan, colon);
}

/* Names and IPv4: what stands around a dot. */

static bool is_top_label(struct text label)
{
    if (label.size < 2 || label.size > MAX_LABEL)
        return false;
    if (label.size > 4 && text_equal_nocase(text_slice(label, 0, 4), TEXT("xn--")))
        return true;
    for (size_t i = 0; i < label.size; i++) {
        if (!is(&label, i, ALNUM) || (label.bytes[i] >= '0' && label.bytes[i] <= '9'))
            return false;
    }
    return true;
}

static bool is_name(struct text token)
{
    size_t start = 0;

    if (token.size > MAX_NAME)
        return false;
    for (size_t i = 0; i < token.size; i++) {
        if (token.bytes[i] != '.')
            continue;
        if (i == start || i - start > MAX_LABEL)
            return false;
        start = i + 1;
    }
    return start > 0 && is_top_label(text_slice(token, start, token.size));
}

static bool is_numeric(struct text token, int *dots)
{
    *dots = 0;
    for (size_t i = 0; i < token.size; i++) {
        if (token.bytes[i] == '.')
            ++*dots;
        else if (token.bytes[i] < '0' || token.bytes[i] > '9')
            return false;
    }
    return true;
}

/* http://user:pass@evil.example:8080/a?b
 *                  ^ @host */
static void take_url(struct observable_scan *scan, size_t host)
{
    const struct text *t = &scan->text;
    size_t from = host;

    if (from > scan->floor && t->bytes[from - 1] == '@') {
        while (from > scan->floor && from + 256 > host && t->bytes[from - 1] != '/' &&
               !ends_url(t->bytes[from - 1]))
            from--;
    }
    if (from < scan->floor + 4 || memcmp(t->bytes + from - 3, "://", 3) != 0)
        return;
    from = start_of(t, from - 3, scan->floor, SCHEME);
    size_t to = host;

    while (to < t->size && !ends_url(t->bytes[to]))
        to++;
    while (to > host && strchr(".,;:!?)]", t->bytes[to - 1]))
        to--;
    found(scan, OBSERVABLE_URL, text_slice(*t, from, to));
}

static void take_email(struct observable_scan *scan, size_t host, size_t end)
{
    const struct text *t = &scan->text;

    if (host < scan->floor + 2 || t->bytes[host - 1] != '@')
        return;
    size_t from = start_of(t, host - 1, scan->floor, LOCAL);

    if (from < host - 1 && host - 1 - from <= MAX_LOCAL)
        found(scan, OBSERVABLE_EMAIL, text_slice(*t, from, end));
}

/* The bytes around @dot that may be a name: no two dots in a row, no dot or dash at the ends, and
 * no "2F" of a "%2F" before it. */
static struct text token_around(struct observable_scan *scan, size_t dot)
{
    const struct text *t = &scan->text;
    size_t from = dot, to = dot + 1;

    while (from > scan->floor && is(t, from - 1, NAME) &&
           !(t->bytes[from - 1] == '.' && t->bytes[from] == '.'))
        from--;
    while (to < t->size && is(t, to, NAME) && !(t->bytes[to] == '.' && t->bytes[to - 1] == '.'))
        to++;
    scan->at = to;
    if (from > 0 && t->bytes[from - 1] == '%' && to - from > 2 && is(t, from, HEX) &&
        is(t, from + 1, HEX))
        from += 2;
    while (from < to && !is(t, from, ALNUM) && t->bytes[from] != '_')
        from++;
    while (to > from && !is(t, to - 1, ALNUM))
        to--;
    return text_slice(*t, from, to);
}

/* Whether what ends at @to, or goes on with a plus sign, has an "@" behind it. */
static bool is_local_part(const struct text *t, size_t to)
{
    to = end_of(t, to, LOCAL);
    return to < t->size && t->bytes[to] == '@';
}

static void on_dot(struct observable_scan *scan, size_t dot)
{
    struct text token = token_around(scan, dot);
    size_t from = (size_t)(token.bytes - scan->text.bytes), to = from + token.size;
    int dots;

    if (token.size < 4 || is_local_part(&scan->text, to))
        return;
    if (is_numeric(token, &dots)) {
        struct address address;

        if (dots != 3 || !address_parse(token, &address))
            return;
        take_url(scan, from);
        scan->waiting[scan->waiting_count].address = address;
        found(scan, OBSERVABLE_IP, token);
    } else if (is_name(token)) {
        take_url(scan, from);
        take_email(scan, from, to);
        found(scan, OBSERVABLE_DOMAIN, token);
    }
    scan->floor = to;
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

/* A run of 32 digits or more has one at each 32nd byte. */
static bool next_hash(struct observable_scan *scan, struct observable *hash)
{
    const struct text *t = &scan->text;

    while (scan->at + HASH_STRIDE - 1 < t->size) {
        size_t look = scan->at + HASH_STRIDE - 1;

        if (!is(t, look, HEX)) {
            scan->at = look + 1;
            continue;
        }
        size_t from = start_of(t, look, scan->at, HEX), to = end_of(t, look, HEX);
        bool is_apart =
            (from == 0 || !is(t, from - 1, ALNUM)) && (to == t->size || !is(t, to, ALNUM));

        scan->at = to;
        if (!is_apart || kind_of_hash(to - from) == OBSERVABLE_KINDS)
            continue;
        hash->kind = kind_of_hash(to - from);
        hash->text = text_slice(*t, from, to);
        return true;
    }
    return false;
}

static bool take_waiting(struct observable_scan *scan, struct observable *next)
{
    if (scan->waiting_count == 0)
        return false;
    *next = scan->waiting[0];
    scan->waiting_count--;
    for (size_t i = 0; i < scan->waiting_count; i++)
        scan->waiting[i] = scan->waiting[i + 1];
    return true;
}

bool observable_next(struct observable_scan *scan, struct observable *next)
{
    while (!scan->in_hashes) {
        if (take_waiting(scan, next))
            return true;
        size_t mark = next_mark(scan->text, scan->at);

        if (mark == scan->text.size) {
            scan->in_hashes = true;
            scan->at = 0;
        } else if (scan->text.bytes[mark] == '.') {
            on_dot(scan, mark);
        } else {
            on_colon(scan, mark);
        }
    }
    return next_hash(scan, next);
}
