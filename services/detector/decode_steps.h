/* decode_steps: the single steps of decode.h, each a way to read what stands at one place.
 *
 * A step is asked at each of its trigger bytes. It answers how many bytes it takes from there, 0 if
 * they mean nothing to it, and writes what they stand for: never more than it takes.
 */
#pragma once

#include "base/text.h"

struct decode_place {
    struct text text;
    size_t at;
    bool in_comment;  /* between the slash-star-bang of a MySQL conditional comment and its end */
    bool no_comments; /* no end of a comment is left in the text */
};

struct decode_meaning {
    char bytes[4];
    size_t size;
};

typedef size_t decode_step(struct decode_place *place, struct decode_meaning *meaning);

decode_step decode_steps_url, decode_steps_html, decode_steps_escape, decode_steps_wide,
    decode_steps_blank;
