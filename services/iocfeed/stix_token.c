#include "iocfeed/stix_token.h"

#include "base/ascii.h"
#include "base/mem.h"

static bool is_letter(char byte)
{
    return ascii_is_letter(byte) || byte == '_';
}

static size_t skip_space(struct text t, size_t at)
{
    while (at < t.size && t.bytes[at] && strchr(" \t\r\n\f\v", t.bytes[at]))
        at++;
    return at;
}

/* '…' at @at; a backslash stands before a quote or a backslash only. */
static bool read_string(struct text t, size_t at, struct arena *arena, struct stix_token *token)
{
    char *bytes = arena_take(arena, t.size - at);
    size_t size = 0;

    for (at++; at < t.size && t.bytes[at] != '\''; at++) {
        if (t.bytes[at] == '\\') {
            at++;
            if (at == t.size || (t.bytes[at] != '\'' && t.bytes[at] != '\\'))
                return false;
        }
        bytes[size++] = t.bytes[at];
    }
    token->text = (struct text){bytes, size};
    token->end = at + 1;
    return at < t.size;
}

static bool is_hex_text(struct text t)
{
    for (size_t i = 0; i < t.size; i++) {
        if (!ascii_is_hex(t.bytes[i]))
            return false;
    }
    return t.size % 2 == 0;
}

/* RFC 4648 §4, with its padding. */
static bool is_base64(struct text t)
{
    size_t size = t.size;

    while (size > 0 && t.size - size < 2 && t.bytes[size - 1] == '=')
        size--;
    for (size_t i = 0; i < size; i++) {
        if (!is_letter(t.bytes[i]) && !ascii_is_digit(t.bytes[i]) && t.bytes[i] != '+' &&
            t.bytes[i] != '/')
            return false;
        if (t.bytes[i] == '_')
            return false;
    }
    return t.size % 4 == 0 && (size > 0 || t.size == 0);
}

/* RFC 3339 in UTC, as the grammar has it: it knows no calendar, and takes 30 February. */
static bool is_time(struct text t)
{
    static const char form[] = "nnnn-nn-nnTnn:nn:nn";
    static const struct {
        size_t at;
        int least, most;
    } parts[] = {{5, 1, 12}, {8, 1, 31}, {11, 0, 23}, {14, 0, 59}, {17, 0, 60}};
    size_t end = sizeof(form) - 1;

    if (t.size < end + 1)
        return false;
    for (size_t i = 0; i < end; i++) {
        if (form[i] == 'n' ? !ascii_is_digit(t.bytes[i]) : t.bytes[i] != form[i])
            return false;
    }
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        int value = (t.bytes[parts[i].at] - '0') * 10 + t.bytes[parts[i].at + 1] - '0';

        if (value < parts[i].least || value > parts[i].most)
            return false;
    }
    if (t.bytes[end] == '.') {
        size_t digits = ++end;

        while (end < t.size && ascii_is_digit(t.bytes[end]))
            end++;
        if (end == digits)
            return false;
    }
    return end + 1 == t.size && t.bytes[end] == 'Z';
}

/* h'…', b'…', t'…'. */
static bool read_marked(struct text t, size_t at, struct arena *arena, struct stix_token *token)
{
    char mark = t.bytes[at];

    if (!read_string(t, at + 1, arena, token))
        return false;
    token->kind = mark == 'h' ? STIX_HEX : mark == 'b' ? STIX_BINARY : STIX_TIME;
    return mark == 'h'   ? is_hex_text(token->text)
           : mark == 'b' ? is_base64(token->text)
                         : is_time(token->text);
}

static bool read_number(struct text t, size_t at, struct stix_token *token)
{
    size_t start = at, digits;

    token->kind = STIX_INTEGER;
    if (t.bytes[at] == '-' || t.bytes[at] == '+')
        at++;
    digits = at;
    while (at < t.size && ascii_is_digit(t.bytes[at]))
        at++;
    if (at + 1 < t.size && t.bytes[at] == '.' && ascii_is_digit(t.bytes[at + 1])) {
        token->kind = STIX_FLOAT;
        at++;
        while (at < t.size && ascii_is_digit(t.bytes[at]))
            at++;
    } else if (at == digits || (at - digits > 1 && t.bytes[digits] == '0')) {
        return false;
    }
    token->text = text_slice(t, start, at);
    token->end = at;
    return at == t.size || !is_letter(t.bytes[at]); /* "0x1" is no number */
}

static bool read_sign(struct text t, size_t at, struct stix_token *token)
{
    static const char *const signs[] = {"==", "!=", "<>", "<=", ">=", "=", "<", ">",
                                        "[",  "]",  "(",  ")",  ".",  ":", ",", "*"};

    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        struct text sign = text_of(signs[i]);

        if (text_starts(text_slice(t, at, t.size), sign)) {
            token->text = sign;
            token->end = at + sign.size;
            return true;
        }
    }
    return false;
}

static void read_word(struct text t, size_t at, struct stix_token *token)
{
    size_t start = at;

    while (at < t.size &&
           (is_letter(t.bytes[at]) || ascii_is_digit(t.bytes[at]) || t.bytes[at] == '-'))
        at++;
    token->kind = STIX_WORD;
    token->text = text_slice(t, start, at);
    token->end = at;
}

static bool read_name(struct text t, size_t at, struct stix_token *token)
{
    size_t size = text_find_byte(text_slice(t, at + 1, t.size), '"');

    token->kind = STIX_NAME;
    token->text = text_slice(t, at + 1, at + 1 + size);
    token->end = at + size + 2;
    return token->end <= t.size;
}

struct stix_token stix_token_next(struct text t, size_t at, struct arena *arena)
{
    struct stix_token token = {.kind = STIX_SIGN};
    size_t start = skip_space(t, at);
    bool good = true;

    token.end = start;
    if (start == t.size) {
        token.kind = STIX_END;
        return token;
    }
    char byte = t.bytes[start], next = start + 1 < t.size ? t.bytes[start + 1] : '\0';

    if (byte == '\'') {
        token.kind = STIX_STRING;
        good = read_string(t, start, arena, &token);
    } else if (next == '\'' && (byte == 'h' || byte == 'b' || byte == 't')) {
        good = read_marked(t, start, arena, &token);
    } else if (byte == '"') {
        good = read_name(t, start, &token);
    } else if (is_letter(byte)) {
        read_word(t, start, &token);
    } else if (ascii_is_digit(byte) || byte == '-' || byte == '+' ||
               (byte == '.' && ascii_is_digit(next))) {
        good = read_number(t, start, &token);
    } else {
        good = read_sign(t, start, &token);
    }
    if (!good)
        token.kind = STIX_WRONG;
    return token;
}
