#include "iocfeed/stix_pattern.h"

#include <stdlib.h>

#include "iocfeed/row.h"
#include "iocfeed/stix_token.h"

enum { MAX_DEPTH = 128, MAX_ATOMS = 10000, MAX_PATTERN = 256 * 1024 };

/* What a part of a pattern comes to. */
struct part {
    struct stix_atoms atoms;
    struct text ref;  /* "network-traffic:dst_ref": a test of its type, which says nothing alone */
    struct text port; /* a test of a port */
};

struct parser {
    struct text pattern;
    struct arena *arena;
    struct stix_token token;
    int depth;
};

/* Reads one part of a chain. */
typedef bool read_part(struct parser *parser, struct part *part);

static void advance(struct parser *parser)
{
    parser->token = stix_token_next(parser->pattern, parser->token.end, parser->arena);
}

static bool at_sign(const struct parser *parser, const char *sign)
{
    return parser->token.kind == STIX_SIGN && text_is(parser->token.text, sign);
}

static bool at_word(const struct parser *parser, const char *word)
{
    return parser->token.kind == STIX_WORD && text_is(parser->token.text, word);
}

static bool take_sign(struct parser *parser, const char *sign)
{
    if (!at_sign(parser, sign))
        return false;
    advance(parser);
    return true;
}

static bool take_word(struct parser *parser, const char *word)
{
    if (!at_word(parser, word))
        return false;
    advance(parser);
    return true;
}

static struct part part_without(enum stix_reason reason)
{
    return (struct part){.atoms = {.reason = reason}};
}

/* a OR b: either is enough. */
static void join_or(struct parser *parser, struct part *a, const struct part *b)
{
    size_t count = a->atoms.count + b->atoms.count;
    struct stix_atom *items;

    a->ref = a->port = (struct text){0};
    a->atoms.partly =
        a->atoms.partly || b->atoms.partly || a->atoms.count == 0 || b->atoms.count == 0;
    if (b->atoms.count == 0 || count > MAX_ATOMS)
        return;
    items = arena_take(parser->arena, count * sizeof(*items));
    if (a->atoms.count)
        memcpy(items, a->atoms.items, a->atoms.count * sizeof(*items));
    memcpy(items + a->atoms.count, b->atoms.items, b->atoms.count * sizeof(*items));
    a->atoms.items = items;
    a->atoms.count = count;
}

static bool is_one_address(const struct part *part)
{
    return part->atoms.count == 1 &&
           (part->atoms.items[0].kind == INDICATOR_ADDRESS ||
            part->atoms.items[0].kind == INDICATOR_ANY) &&
           part->atoms.items[0].port.size == 0 && !part->atoms.partly;
}

/* a AND b: neither is enough, unless one of them only says what the other is, or at which port. */
static void join_and(struct part *a, const struct part *b)
{
    struct part both;

    if (b->ref.size) {
        if (a->ref.size == 0 || a->atoms.count)
            return; /* a, whose type b tells */
    } else if (a->ref.size && a->atoms.count == 0) {
        *a = *b;
        return;
    } else if (a->atoms.items && is_one_address(a) && b->port.size) {
        a->atoms.items[0].port = b->port;
        return;
    } else if (b->atoms.items && is_one_address(b) && a->port.size) {
        both = *b;
        both.atoms.items[0].port = a->port;
        *a = both;
        return;
    }
    *a = part_without(STIX_COMPOSITE);
}

/* The last step of a path: a name, 'a name', [0] or [*]. */
static bool read_step(struct parser *parser, struct buf *path)
{
    if (take_sign(parser, "[")) {
        if (parser->token.kind != STIX_INTEGER && !at_sign(parser, "*"))
            return false;
        advance(parser);
        buf_add_string(path, "[]");
        return take_sign(parser, "]");
    }
    if (!take_sign(parser, "."))
        return false;
    buf_add_byte(path, '.');
    if (parser->token.kind != STIX_WORD && parser->token.kind != STIX_STRING &&
        parser->token.kind != STIX_NAME)
        return false;
    buf_add(path, parser->token.text);
    advance(parser);
    return true;
}

/* "file:hashes.'SHA-256'", written without quotes. */
static bool read_path(struct parser *parser, struct text *path)
{
    AUTO_BUF text = {0};

    if (parser->token.kind != STIX_WORD)
        return false;
    buf_add(&text, parser->token.text);
    advance(parser);
    if (!take_sign(parser, ":"))
        return false;
    buf_add_byte(&text, ':');
    if (parser->token.kind != STIX_WORD && parser->token.kind != STIX_STRING)
        return false;
    buf_add(&text, parser->token.text);
    advance(parser);
    while (at_sign(parser, ".") || at_sign(parser, "[")) {
        if (!read_step(parser, &text))
            return false;
    }
    *path = arena_copy(parser->arena, buf_text(&text));
    return true;
}

static const struct {
    const char *path;
    enum indicator_kind kind;
} paths[] = {
    {"ipv4-addr:value", INDICATOR_ADDRESS},
    {"ipv6-addr:value", INDICATOR_ADDRESS},
    {"network-traffic:dst_ref.value", INDICATOR_ANY},
    {"network-traffic:src_ref.value", INDICATOR_ANY},
    {"domain-name:value", INDICATOR_DOMAIN},
    {"url:value", INDICATOR_URL},
    {"email-addr:value", INDICATOR_EMAIL},
    {"email-message:from_ref.value", INDICATOR_EMAIL},
    {"email-message:sender_ref.value", INDICATOR_EMAIL},
};

/* Names of hashes, whatever their spelling: SHA-256, SHA256, sha256. */
static enum indicator_kind kind_of_hash(struct text name)
{
    char letters[8];
    size_t size = 0;

    for (size_t i = 0; i < name.size && size < sizeof(letters); i++) {
        if (name.bytes[i] != '-' && name.bytes[i] != '_')
            letters[size++] = name.bytes[i];
    }
    struct text plain = {letters, size};

    return text_equal_nocase(plain, TEXT("md5"))      ? INDICATOR_MD5
           : text_equal_nocase(plain, TEXT("sha1"))   ? INDICATOR_SHA1
           : text_equal_nocase(plain, TEXT("sha256")) ? INDICATOR_SHA256
                                                      : INDICATOR_UNSUPPORTED;
}

static enum indicator_kind kind_of_path(struct text path)
{
    static const char *const hashes[] = {"file:hashes.", "x509-certificate:hashes.",
                                         "artifact:hashes."};

    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        if (text_is(path, paths[i].path))
            return paths[i].kind;
    }
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        if (text_starts(path, text_of(hashes[i])))
            return kind_of_hash(text_slice(path, strlen(hashes[i]), path.size));
    }
    return INDICATOR_UNSUPPORTED;
}

/* "network-traffic:dst_ref.type": the object that is referred to; empty for anything else. */
static struct text ref_of(struct text path)
{
    return text_ends(path, TEXT("_ref.type")) ? text_slice(path, 0, path.size - 5)
                                              : (struct text){0};
}

static bool is_literal(const struct parser *parser)
{
    return (parser->token.kind >= STIX_STRING && parser->token.kind <= STIX_TIME) ||
           at_word(parser, "true") || at_word(parser, "false");
}

static void add_atom(struct parser *parser, struct part *part, struct stix_atom atom)
{
    struct part one = {.atoms = {.items = &atom, .count = 1}};

    if (part->atoms.count > 0) {
        join_or(parser, part, &one);
        return;
    }
    part->atoms.items = arena_take(parser->arena, sizeof(atom));
    part->atoms.items[0] = atom;
    part->atoms.count = 1;
}

/* The values that the test takes: one, or the set of IN. */
static bool read_values(struct parser *parser, struct text path, bool is_set, struct part *part)
{
    enum indicator_kind kind = kind_of_path(path);

    *part = part_without(kind == INDICATOR_UNSUPPORTED ? STIX_PATH : STIX_OPERATOR);
    if (is_set && !take_sign(parser, "("))
        return false;
    if (is_set && take_sign(parser, ")"))
        return true; /* an empty set: never true */
    for (;;) {
        if (!is_literal(parser))
            return false;
        if (kind != INDICATOR_UNSUPPORTED && parser->token.kind == STIX_STRING)
            add_atom(parser, part, (struct stix_atom){.kind = kind, .value = parser->token.text});
        if (!is_set && parser->token.kind == STIX_INTEGER &&
            (text_is(path, "network-traffic:dst_port") ||
             text_is(path, "network-traffic:src_port")))
            part->port = parser->token.text;
        if (!is_set && ref_of(path).size)
            part->ref = ref_of(path);
        advance(parser);
        if (!is_set)
            return true;
        if (take_sign(parser, ")"))
            return true;
        if (!take_sign(parser, ","))
            return false;
    }
}

/* A hash must have its algorithm's length, as the reference validator wants it. */
static bool has_right_lengths(const struct part *part)
{
    static const size_t sizes[] = {
        [INDICATOR_MD5] = 32, [INDICATOR_SHA1] = 40, [INDICATOR_SHA256] = 64};

    for (size_t i = 0; i < part->atoms.count; i++) {
        enum indicator_kind kind = part->atoms.items[i].kind;

        if ((kind == INDICATOR_MD5 || kind == INDICATOR_SHA1 || kind == INDICATOR_SHA256) &&
            part->atoms.items[i].value.size != sizes[kind])
            return false;
    }
    return true;
}

static bool read_equals(struct parser *parser, struct text path, bool negated, struct part *part)
{
    bool equal = at_sign(parser, "=") || at_sign(parser, "==");
    bool ordered = !equal && !at_sign(parser, "!=") && !at_sign(parser, "<>");
    bool known = equal || at_sign(parser, "!=") || at_sign(parser, "<>") || at_sign(parser, "<") ||
                 at_sign(parser, ">") || at_sign(parser, "<=") || at_sign(parser, ">=");

    if (!known)
        return false;
    advance(parser);
    if (ordered && (at_word(parser, "true") || at_word(parser, "false")))
        return false;
    if (!read_values(parser, path, false, part) || !has_right_lengths(part))
        return false;
    if (!equal || negated)
        *part = part_without(STIX_OPERATOR);
    return true;
}

static bool read_text_operator(struct parser *parser, struct text path, bool negated,
                               struct part *part)
{
    bool subset = at_word(parser, "ISSUBSET");

    if (!subset && !at_word(parser, "ISSUPERSET") && !at_word(parser, "LIKE") &&
        !at_word(parser, "MATCHES"))
        return false;
    advance(parser);
    if (parser->token.kind != STIX_STRING || !read_values(parser, path, false, part))
        return false;
    /* Only of addresses: a domain has no subsets. */
    if (!subset || negated ||
        (part->atoms.count && part->atoms.items[0].kind != INDICATOR_ADDRESS &&
         part->atoms.items[0].kind != INDICATOR_ANY))
        *part = part_without(STIX_OPERATOR);
    return true;
}

static bool read_or(struct parser *parser, struct part *part);

static bool read_test(struct parser *parser, struct part *part)
{
    struct text path;
    bool negated;

    if (take_sign(parser, "("))
        return read_or(parser, part) && take_sign(parser, ")");
    *part = part_without(STIX_OPERATOR);
    if (take_word(parser, "EXISTS"))
        return read_path(parser, &path);
    if (!read_path(parser, &path))
        return false;
    negated = take_word(parser, "NOT");
    if (take_word(parser, "IN")) {
        if (!read_values(parser, path, true, part) || !has_right_lengths(part))
            return false;
        if (negated)
            *part = part_without(STIX_OPERATOR);
        return true;
    }
    if (parser->token.kind == STIX_WORD)
        return read_text_operator(parser, path, negated, part);
    return read_equals(parser, path, negated, part);
}

/* a WORD b WORD c: what joins them is up to @is_or. */
static bool read_joined(struct parser *parser, const char *word, bool is_or, read_part *read,
                        struct part *part)
{
    struct part more;
    bool good;

    if (++parser->depth > MAX_DEPTH)
        return false;
    good = read(parser, part);
    while (good && take_word(parser, word)) {
        good = read(parser, &more);
        if (good && is_or)
            join_or(parser, part, &more);
        else if (good)
            join_and(part, &more);
    }
    parser->depth--;
    return good;
}

static bool read_and(struct parser *parser, struct part *part)
{
    return read_joined(parser, "AND", false, read_test, part);
}

static bool read_or(struct parser *parser, struct part *part)
{
    return read_joined(parser, "OR", true, read_and, part);
}

static bool read_followed(struct parser *parser, struct part *part);

/* START t'…' STOP t'…': the second is later. */
static bool read_span(struct parser *parser, struct part *part)
{
    struct text start = parser->token.text;

    if (parser->token.kind != STIX_TIME)
        return false;
    advance(parser);
    if (!take_word(parser, "STOP") || parser->token.kind != STIX_TIME)
        return false;
    int64_t from = row_time(start), to = row_time(parser->token.text);

    if (from != RECORD_NULL && to != RECORD_NULL && from >= to)
        return false;
    advance(parser);
    *part = part_without(STIX_QUALIFIER);
    return true;
}

static bool is_positive(const struct parser *parser)
{
    struct text t = parser->token.text;

    for (size_t i = 0; i < t.size; i++) {
        if (t.bytes[i] >= '1' && t.bytes[i] <= '9')
            return t.bytes[0] != '-';
    }
    return false;
}

/* WITHIN of what need be seen only once says nothing, nor does REPEATS 1. */
static bool read_qualifier(struct parser *parser, unsigned *seen, struct part *part)
{
    enum { START = 1, WITHIN = 2, REPEATS = 4 };
    unsigned kind = at_word(parser, "START") ? START : at_word(parser, "WITHIN") ? WITHIN : REPEATS;
    bool is_one;

    advance(parser);
    if (*seen & kind)
        return false;
    *seen |= kind;
    if (kind == START)
        return read_span(parser, part);
    if (parser->token.kind != STIX_INTEGER && !(kind == WITHIN && parser->token.kind == STIX_FLOAT))
        return false;
    if (!is_positive(parser))
        return false;
    is_one = text_is(parser->token.text, "1");
    advance(parser);
    if (kind == REPEATS && !is_one)
        *part = part_without(STIX_QUALIFIER);
    return take_word(parser, kind == WITHIN ? "SECONDS" : "TIMES");
}

static bool read_observation(struct parser *parser, struct part *part)
{
    unsigned seen = 0;
    bool is_group = take_sign(parser, "(");

    if (is_group ? !read_followed(parser, part) || !take_sign(parser, ")")
                 : !take_sign(parser, "[") || !read_or(parser, part) || !take_sign(parser, "]"))
        return false;
    part->ref = part->port = (struct text){0};
    while (at_word(parser, "START") || at_word(parser, "WITHIN") || at_word(parser, "REPEATS")) {
        if (is_group) /* one may be said twice of a group */
            seen = 0;
        if (!read_qualifier(parser, &seen, part))
            return false;
    }
    return true;
}

static bool read_observed_and(struct parser *parser, struct part *part)
{
    return read_joined(parser, "AND", false, read_observation, part);
}

static bool read_observed_or(struct parser *parser, struct part *part)
{
    return read_joined(parser, "OR", true, read_observed_and, part);
}

static bool read_followed(struct parser *parser, struct part *part)
{
    return read_joined(parser, "FOLLOWEDBY", false, read_observed_or, part);
}

bool stix_pattern_read(struct text pattern, struct arena *arena, struct stix_atoms *atoms)
{
    struct parser parser = {.pattern = pattern, .arena = arena};
    struct part part = part_without(STIX_SYNTAX);

    *atoms = part.atoms;
    if (pattern.size > MAX_PATTERN)
        return false;
    advance(&parser);
    if (!read_followed(&parser, &part) || parser.token.kind != STIX_END)
        return false;
    *atoms = part.atoms;
    if (atoms->count)
        atoms->reason = STIX_TAKEN;
    return true;
}

static const struct {
    const char *code, *text;
} reasons[STIX_REASONS] = {
    [STIX_TAKEN] = {"taken", "is taken"},
    [STIX_SYNTAX] = {"pattern_syntax", "is no STIX pattern"},
    [STIX_COMPOSITE] = {"pattern_composite",
                        "counts only together with something else (AND, FOLLOWEDBY)"},
    [STIX_OPERATOR] = {"pattern_operator",
                       "is no comparison with one value: only =, IN and ISSUBSET are"},
    [STIX_QUALIFIER] = {"pattern_qualifier", "counts only repeatedly, or at a certain time"},
    [STIX_PATH] = {"pattern_property", "is about a property that is not looked for in logs"},
};

const char *stix_pattern_code(enum stix_reason reason)
{
    return reasons[reason].code;
}

const char *stix_pattern_text(enum stix_reason reason)
{
    return reasons[reason].text;
}
