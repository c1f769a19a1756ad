/* feed_unpack: feeds that come packed: "feed.csv.gz", "feed.csv.zip". By what they begin with,
 * since names and content types of feeds say little.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* @body in place of its packed form; nothing is done to what is not packed. POISON: it is cut off
 * or damaged, becomes larger than @most bytes, or is a zip archive of several files, one that is
 * encrypted or packed in another way than deflate. */
int feed_unpack(struct buf *body, int64_t most, struct error *err);
