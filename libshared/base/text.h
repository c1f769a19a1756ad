/* text: a view of bytes that somebody else owns.
 *
 * Passed by value. Not NUL-terminated, may hold any byte; {NULL, 0} is the empty text, and absent
 * fields are empty texts. Case folding and classes are ASCII, as in the logs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *bytes;
    size_t size;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})
/* For printf's "%.*s". */
#define TEXT_ARG(t) (int)((t).size > 1000 ? 1000 : (t).size), (t).size ? (t).bytes : ""

static inline struct text text_of(const char *string)
{
    return string ? (struct text){string, strlen(string)} : (struct text){NULL, 0};
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static inline bool text_is(struct text t, const char *string)
{
    return text_equal(t, text_of(string));
}

/* By bytes; a text that is the start of another comes first. */
int text_compare(struct text a, struct text b);
bool text_equal_nocase(struct text a, struct text b);
bool text_starts(struct text t, struct text with);
bool text_ends(struct text t, struct text with);

/* Position of the first @byte or of @needle, or t.size where there is none. */
size_t text_find_byte(struct text t, char byte);
size_t text_find(struct text t, struct text needle);

/* What lies in [from, to); both are clamped to the text. */
struct text text_slice(struct text t, size_t from, size_t to);

/* Without white space (space, \t \r \n \v \f) at both ends. */
struct text text_trim(struct text t);

/* Takes the part before the next @byte off the front of *@rest, and the byte with it. False when
 * nothing is left. An empty part counts: "a,,b" has three. */
bool text_split(struct text *rest, char byte, struct text *part);

/* The longest start of at most @limit bytes that does not cut a UTF-8 character in two. */
struct text text_cut(struct text t, size_t limit);

/* Whole decimal number without sign, white space or anything around it. False outside int64_t. */
bool text_to_integer(struct text t, int64_t *value);

/* Size of the well-formed UTF-8 character that @t, not empty, begins with (RFC 3629: no overlong
 * forms, surrogates or values above U+10FFFF); 0 if there is none. */
size_t text_character(struct text t);

/* Writes the character of @code, up to U+10FFFF, as UTF-8, half a surrogate pair as if it were one.
 * Returns its size. */
size_t text_write_character(uint32_t code, char into[4]);

bool text_is_utf8(struct text t);
bool text_is_ascii(struct text t);
