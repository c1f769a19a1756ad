/* utf16: text that begins with the byte order mark of UTF-16, as Windows' tools write it. */
#pragma once

#include "base/arena.h"
#include "base/text.h"

/* @bytes in UTF-8 and without its mark, in @arena; halves of characters become U+FFFD. The same
 * text where there is no such mark. */
struct text utf16_to_utf8(struct text bytes, struct arena *arena);
