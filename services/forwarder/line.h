/* line: what an attacker wrote, as one field of one line.
 *
 * CEF, LEEF and syslog lines have no escape for most control characters, and a receiver that takes
 * one for the end of a record lets the attacker write the next record. Such characters are written
 * as something that a person can read and that no parser obeys:
 *
 *   C0 and DEL              Unicode's picture of it (U+2400 …): a NUL is ␀, an ESC is ␛
 *   C1, U+2028, U+2029      U+FFFD, as they end lines for some readers or move a terminal
 *   a byte that is no UTF-8 U+FFFD
 *
 * and a delimiter that a format cannot escape as its full-width form: | is ｜.
 */
#pragma once

#include "base/buf.h"
#include "base/text.h"

/* One character, as it is to be written. */
struct line_glyph {
    char bytes[4];
    unsigned char size;
};

/* Takes one character off *@rest, which is not empty, and says how it is written. @delimiter is
 * for formats that let the user choose one; others pass it over. */
typedef struct line_glyph line_escape(struct text *rest, char delimiter);

/* The escape of a format without escapes: stand-ins as above, @delimiter full-width (printable
 * ASCII; anything else has its stand-in already). */
struct line_glyph line_plain(struct text *rest, char delimiter);

/* '\' and @byte. */
struct line_glyph line_backslash(char byte);

/* Appends @t through @escape, as many whole characters as keep @out within @end bytes. False if
 * something was left off. */
bool line_fill(struct buf *out, struct text t, line_escape *escape, char delimiter, size_t end);

/* What stands in @out from @from on is JSON: makes one line of it for every reader, with DEL, C1,
 * U+2028 and U+2029 as \u escapes. For a reader of JSON it stays the same. */
void line_escape_json(struct buf *out, size_t from);
