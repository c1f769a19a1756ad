/* gzip: bodies made shorter for the way (RFC 1952). */
#pragma once

#include "base/buf.h"
#include "base/text.h"

/* Appends @bytes compressed, fast rather than small. */
void gzip_add(struct buf *out, struct text bytes);
