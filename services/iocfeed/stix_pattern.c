#include "iocfeed/stix_pattern.h"

#include <stdlib.h>

#include "iocfeed/row.h"
#include "iocfeed/stix_part.h"
#include "iocfeed/stix_token.h"

enum { MAX_DEPTH = 128, MAX_PATTERN = 256 * 1024 };

struct parser {
    struct text pattern;
    struct arena *arena;
    struct stix_token token;
    int depth;
};

/* Reads one part of a chain. */
typedef bool read_part(struct parser *parser, struct stix_part *part);

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

static bool is_literal(const struct parser *parser)
{
    return (parser->token.kind >= STIX_STRING && parser->token.kind <= STIX_TIME) ||
           at_word(parser, "true") || at_word(parser, "false");
}

/* The values that the test takes: one, or the set of IN. */
static bool read_values(struct parser *parser, struct text path, bool is_set,
                        struct stix_part *part)
{
    enum indicator_kind kind = stix_part_kind(path);

    *part = stix_part_without(kind == INDICATOR_UNSUPPORTED ? STIX_PATH : STIX_OPERATOR);
    part->of = stix_part_reference(path, TEXT(".value"));
    if (is_set && !take_sign(parser, "("))
        return false;
    if (is_set && take_sign(parser, ")"))
        return true; /* an empty set: never true */
    for (;;) {
        if (!is_literal(parser))
            return false;
        if (kind != INDICATOR_UNSUPPORTED && parser->token.kind == STIX_STRING)
            stix_part_add(parser->arena, part,
                          (struct stix_atom){.kind = kind, .value = parser->token.text});
        if (!is_set && parser->token.kind == STIX_INTEGER &&
            (text_is(path, "network-traffic:dst_port") ||
             text_is(path, "network-traffic:src_port")))
            part->port = parser->token.text;
        if (!is_set)
            part->ref = stix_part_reference(path, TEXT(".type"));
        advance(parser);
        if (!is_set)
            return true;
        if (take_sign(parser, ")"))
            return true;
        if (!take_sign(parser, ","))
            return false;
    }
}

static bool read_equals(struct parser *parser, struct text path, bool negated,
                        struct stix_part *part)
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
    if (!read_values(parser, path, false, part) || !stix_part_has_right_lengths(part))
        return false;
    if (!equal || negated)
        *part = stix_part_without(STIX_OPERATOR);
    return true;
}

static bool read_text_operator(struct parser *parser, struct text path, bool negated,
                               struct stix_part *part)
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
        *part = stix_part_without(STIX_OPERATOR);
    return true;
}

static bool read_or(struct parser *parser, struct stix_part *part);

static bool read_test(struct parser *parser, struct stix_part *part)
{
    struct text path;
    bool negated;

    if (take_sign(parser, "("))
        return read_or(parser, part) && take_sign(parser, ")");
    *part = stix_part_without(STIX_OPERATOR);
    if (take_word(parser, "EXISTS"))
        return read_path(parser, &path);
    if (!read_path(parser, &path))
        return false;
    negated = take_word(parser, "NOT");
    if (take_word(parser, "IN")) {
        if (!read_values(parser, path, true, part) || !stix_part_has_right_lengths(part))
            return false;
        if (negated)
            *part = stix_part_without(STIX_OPERATOR);
        return true;
    }
    if (parser->token.kind == STIX_WORD)
        return read_text_operator(parser, path, negated, part);
    return read_equals(parser, path, negated, part);
}

/* a WORD b WORD c: what joins them is up to @is_or. */
static bool read_joined(struct parser *parser, const char *word, bool is_or, read_part *read,
                        struct stix_part *part)
{
    struct stix_part more;
    bool good;

    if (++parser->depth > MAX_DEPTH)
        return false;
    good = read(parser, part);
    while (good && take_word(parser, word)) {
        good = read(parser, &more);
        if (good && is_or)
            stix_part_or(parser->arena, part, &more);
        else if (good)
            stix_part_and(part, &more);
    }
    parser->depth--;
    return good;
}

static bool read_and(struct parser *parser, struct stix_part *part)
{
    return read_joined(parser, "AND", false, read_test, part);
}

static bool read_or(struct parser *parser, struct stix_part *part)
{
    return read_joined(parser, "OR", true, read_and, part);
}

static bool read_followed(struct parser *parser, struct stix_part *part);

/* START t'…' STOP t'…': the second is later. */
static bool read_span(struct parser *parser, struct stix_part *part)
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
    *part = stix_part_without(STIX_QUALIFIER);
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
static bool read_qualifier(struct parser *parser, unsigned *seen, struct stix_part *part)
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
        *part = stix_part_without(STIX_QUALIFIER);
    return take_word(parser, kind == WITHIN ? "SECONDS" : "TIMES");
}

static bool read_observation(struct parser *parser, struct stix_part *part)
{
    unsigned seen = 0;
    bool is_group = take_sign(parser, "(");

    if (is_group ? !read_followed(parser, part) || !take_sign(parser, ")")
                 : !take_sign(parser, "[") || !read_or(parser, part) || !take_sign(parser, "]"))
        return false;
    part->ref = part->of = part->port = (struct text){0};
    while (at_word(parser, "START") || at_word(parser, "WITHIN") || at_word(parser, "REPEATS")) {
        if (is_group) /* one may be said twice of a group */
            seen = 0;
        if (!read_qualifier(parser, &seen, part))
            return false;
    }
    return true;
}

static bool read_observed_and(struct parser *parser, struct stix_part *part)
{
    return read_joined(parser, "AND", false, read_observation, part);
}

static bool read_observed_or(struct parser *parser, struct stix_part *part)
{
    return read_joined(parser, "OR", true, read_observed_and, part);
}

static bool read_followed(struct parser *parser, struct stix_part *part)
{
    return read_joined(parser, "FOLLOWEDBY", false, read_observed_or, part);
}

bool stix_pattern_read(struct text pattern, struct arena *arena, struct stix_atoms *atoms)
{
    struct parser parser = {.pattern = pattern, .arena = arena};
    struct stix_part part = stix_part_without(STIX_SYNTAX);

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
    [STIX_SYNTAX] = {"pattern_syntax", "is not a STIX pattern"},
    [STIX_COMPOSITE] = {"pattern_composite",
                        "counts only together with something else (AND, FOLLOWEDBY)"},
    [STIX_OPERATOR] = {"pattern_operator",
                       "is not a comparison with one value: only =, IN and ISSUBSET are"},
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
