/* scan: reading a line of text from left to right, for the formats that are lines. */
#pragma once

#include "base/arena.h"
#include "base/text.h"

/* Without the line end. */
static inline struct text scan_line(struct text log)
{
    while (log.size && (log.bytes[log.size - 1] == '\n' || log.bytes[log.size - 1] == '\r'))
        log.size--;
    return log;
}

/* Takes the word before the next blank off *@rest, and that blank with it. False, with an empty
 * word, if nothing is left. */
static inline bool scan_word(struct text *rest, struct text *word)
{
    size_t blank = text_find_byte(*rest, ' ');

    *word = text_slice(*rest, 0, blank);
    *rest = text_slice(*rest, blank + 1, rest->size);
    return word->size > 0;
}

/* "-" is how logs write nothing. */
static inline struct text scan_or_nothing(struct text word)
{
    return word.size == 1 && word.bytes[0] == '-' ? (struct text){NULL, 0} : word;
}

/* The address of a client; nothing where nginx had it on a Unix socket, and writes "unix:". */
static inline struct text scan_client(struct text word)
{
    return text_equal(word, TEXT("unix:")) ? (struct text){NULL, 0} : scan_or_nothing(word);
}

/* Takes "…" off the front of *@rest, and a blank behind it. A quote with a backslash before it is
 * part of the text, and so is one that neither a blank, a comma nor the end follows: some writers
 * do not escape. A text that was cut off ends with the line. False if *@rest does not begin with a
 * quote. */
bool scan_quoted(struct text *rest, struct text *quoted);

/* With \", \\, \xHH and C's \b \t \n \v \f \r undone, as Apache and nginx write them; copied to
 * @arena only if there are any. */
struct text scan_unescape(struct text t, struct arena *arena);

/* "GET /a?b=c HTTP/1.1". A request that is no HTTP is all target. */
struct scan_request {
    struct text method, target, path, query, protocol;
};
struct scan_request scan_request(struct text line);
