/* json_skim: reads a plain JSON log member by member, without building anything.
 *
 * Plain is an object of ASCII text, without escapes, whose values are texts, numbers without an
 * exponent, true, false or null: as most programs that log JSON write it. Whatever else may stand
 * in JSON, or is none, makes the skim unsure; a full parser has to look then. What it is sure of, a
 * full parser (RFC 8259) accepts and reads the same.
 */
#pragma once

#include <stdbool.h>

#include "base/text.h"

struct json_skim {
    const char *at, *end;          /* of what is left */
    bool is_inside;                /* behind the brace */
    const char *block, *block_end; /* up to 64 bytes that were looked at together: */
    uint64_t specials;             /* bit n is set if block[n] may end a text */
};

enum json_skim_found {
    JSON_SKIM_TEXT,  /* a member whose value is a text */
    JSON_SKIM_OTHER, /* a member with another value */
    JSON_SKIM_END,   /* the log was plain to its last byte */
    JSON_SKIM_UNSURE,
};

void json_skim_start(struct json_skim *skim, struct text log);

/* The next member. Only once the end is found is what came before it certain. @value is without its
 * quotes, and empty of another than a text. */
enum json_skim_found json_skim_next(struct json_skim *skim, struct text *key, struct text *value);
