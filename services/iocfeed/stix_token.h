/* stix_token: the words of a STIX pattern; for stix_pattern.c. */
#pragma once

#include "base/arena.h"
#include "base/text.h"

enum stix_token_kind {
    STIX_END,
    STIX_WRONG,
    STIX_WORD,    /* letters, digits, '_', '-': names and keywords */
    STIX_STRING,  /* unescaped */
    STIX_INTEGER, /* with its sign */
    STIX_FLOAT,
    STIX_HEX,    /* h'…' */
    STIX_BINARY, /* b'…' */
    STIX_TIME,   /* t'…' */
    STIX_NAME,   /* "…": a step of a path, as some producers write it against the grammar */
    STIX_SIGN,   /* [ ] ( ) . : , * = != < … */
};

struct stix_token {
    enum stix_token_kind kind;
    struct text text;
    size_t end; /* of it in the pattern */
};

struct stix_token stix_token_next(struct text pattern, size_t at, struct arena *arena);
