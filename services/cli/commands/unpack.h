/* unpack: bytes out of a gzip or Zstandard stream, in blocks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"

struct unpack;

/* By the first bytes of a stream; NULL: they are not compressed. */
struct unpack *unpack_new(struct text first);
void unpack_free(struct unpack *unpack); /* NULL is fine */

/* Takes from the front of *@packed, puts at most *@size bytes into @into and says in *@size how
 * many. -EBADMSG with @err (without the file's name): what was unpacked before it is in @into. */
int unpack_next(struct unpack *unpack, struct text *packed, char *into, size_t *size,
                struct error *err);

/* May the stream end here, or is something missing? */
bool unpack_is_whole(const struct unpack *unpack);
const char *unpack_name(const struct unpack *unpack); /* "gzip", "Zstandard" */
