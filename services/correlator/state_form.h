/* state_form: parts of a group's state as they are stored: compressed where that is shorter.
 *
 *     1 byte    form: 3 as it is; 4 compressed by zstd, which knows the usual words (state_words.h)
 *     number    of random bytes, and these: they cannot be compressed
 *     number    of bytes that follow; of form 4 also, before it, of those that come out
 *     …         the bytes; of form 4 a frame without its magic number
 */
#pragma once

#include "base/buf.h"

/* What a part may have, uncompressed: of more, nothing can be read again. */
enum { STATE_FORM_MAX = 64 * 1024 * 1024 };

struct state_form;

struct state_form *state_form_new(void);
void state_form_free(struct state_form *form);

/* Appends @random and @plain as a part to @into. */
void state_form_write(struct state_form *form, struct text random, struct text plain,
                      struct buf *into);

/* Takes a part from the beginning of @rest. @random lives as long as the state, @plain so long or
 * until the next call. False: it is none. */
bool state_form_read(struct state_form *form, struct text *rest, struct text *random,
                     struct text *plain);
