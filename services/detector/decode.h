/* decode: what a log says once the ways in which attackers write it are undone.
 *
 * Steps are taken one after another, each on the result of the one before; every result that
 * differs from its input is a form to be looked at. No form is longer than the text, so their sum
 * is bounded by DECODE_MAX_FORMS times it.
 */
#pragma once

#include "base/arena.h"
#include "base/text.h"

enum {
    DECODE_URL = 1, /* %41, %u0041, '+' for a blank; again until nothing changes, at most 3 times */
    DECODE_HTML = 2,    /* &lt; &#60; &#x3c; */
    DECODE_ESCAPES = 4, /* \x3c \u003c \74 \n \" as in JavaScript and JSON */
    DECODE_ALL = 7,
};

enum { DECODE_MAX_FORMS = 7 };

/* The forms of @text by @steps (DECODE_… or'ed), and last, with any step: C0 controls taken out,
 * comments as in SQL and runs of white space made one blank, full-width letters made ASCII. The
 * plus of a time's zone and the second blank before its day stay: nearly every log would have a
 * form for them. Returns how many there are: mostly none. They live in @arena. */
size_t decode_forms(struct text text, unsigned steps, struct arena *arena,
                    struct text forms[DECODE_MAX_FORMS]);
