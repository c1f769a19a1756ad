#include "detector/scan.h"

#include "base/ascii.h"

/* Is the quote at @at of @t escaped, by an odd number of backslashes? */
static bool is_escaped(struct text t, size_t at)
{
    size_t count = 0;

    while (count < at && t.bytes[at - count - 1] == '\\')
        count++;
    return count % 2 == 1;
}

bool scan_quoted(struct text *rest, struct text *quoted)
{
    if (rest->size == 0 || rest->bytes[0] != '"')
        return false;
    struct text t = text_slice(*rest, 1, rest->size);

    for (size_t from = 0;;) {
        size_t at = from + text_find_byte(text_slice(t, from, t.size), '"');

        if (at >= t.size) {
            *quoted = t;
            *rest = (struct text){NULL, 0};
            return true;
        }
        char next = at + 1 < t.size ? t.bytes[at + 1] : ' ';

        if ((next == ' ' || next == ',') && !is_escaped(t, at)) {
            *quoted = text_slice(t, 0, at);
            *rest = text_slice(t, at + 1 + (next == ' '), t.size);
            return true;
        }
        from = at + 1;
    }
}

static int hex(char byte)
{
    if (ascii_is_digit(byte))
        return byte - '0';
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The byte that the escape at the start of @t stands for, and how long it is; what is no escape is
 * a backslash. */
static char escape(struct text t, size_t *size)
{
    static const char letters[] = "btnvfr\"\\", bytes[] = "\b\t\n\v\f\r\"\\";

    *size = 2;
    if (t.size >= 4 && t.bytes[1] == 'x' && hex(t.bytes[2]) >= 0 && hex(t.bytes[3]) >= 0) {
        *size = 4;
        return (char)(hex(t.bytes[2]) << 4 | hex(t.bytes[3]));
    }
    for (size_t i = 0; t.size >= 2 && i < sizeof(letters) - 1; i++) {
        if (t.bytes[1] == letters[i])
            return bytes[i];
    }
    *size = 1;
    return '\\';
}

struct text scan_unescape(struct text t, struct arena *arena)
{
    size_t first = text_find_byte(t, '\\'), size = first;

    if (first == t.size)
        return t;
    char *bytes = arena_take(arena, t.size);

    memcpy(bytes, t.bytes, first);
    for (size_t i = first, step; i < t.size; i += step) {
        step = 1;
        bytes[size++] = t.bytes[i] == '\\' ? escape(text_slice(t, i, t.size), &step) : t.bytes[i];
    }
    return (struct text){bytes, size};
}

static bool is_method(struct text word)
{
    for (size_t i = 0; i < word.size; i++) {
        char byte = word.bytes[i];

        if (!(byte >= 'A' && byte <= 'Z') && byte != '-' && byte != '_')
            return false;
    }
    return word.size > 0 && word.size <= 32;
}

struct scan_request scan_request(struct text line)
{
    struct scan_request request = {.target = scan_or_nothing(line)};
    struct text rest = line, word;

    if (scan_word(&rest, &word) && is_method(word) && rest.size > 0) {
        request.method = word;
        request.target = rest;
        /* A target may hold blanks when the client was no browser. */
        for (size_t i = rest.size; i-- > 0 && rest.size - i < 16;) {
            if (rest.bytes[i] != ' ')
                continue;
            if (!text_starts(text_slice(rest, i + 1, rest.size), TEXT("HTTP/")))
                break;
            request.target = text_slice(rest, 0, i);
            request.protocol = text_slice(rest, i + 1, rest.size);
            break;
        }
    }
    size_t mark = text_find_byte(request.target, '?');

    request.path = text_slice(request.target, 0, mark);
    request.query = text_slice(request.target, mark + 1, request.target.size);
    return request;
}
