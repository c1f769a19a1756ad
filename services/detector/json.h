/* json: JSON logs in memory of the batch, by yyjson. */
#pragma once

#include <yyjson.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* Nesting that is refused, in objects and lists: deeper ones are made to break readers. */
enum { JSON_MAX_DEPTH = 64 };

/* The value that the whole of @bytes is (a byte order mark aside), all of it in @arena; numbers
 * stay raw, as they are written. Strings with bytes that are not UTF-8 or with control characters
 * are taken and @bad set: half a log searched is better than none. NULL with @err of class POISON:
 * -EBADMSG not JSON, -ELOOP nested too deep. */
yyjson_val *json_read(struct text bytes, struct arena *arena, bool *bad, struct error *err);

/* Strings as they are, numbers and booleans as JSON writes them, objects and lists as JSON text
 * made in @arena; null and nothing (NULL) are empty. */
struct text json_text(yyjson_val *value, struct arena *arena);

/* What @path leads to, NULL if nowhere: dots reach into objects, a literal dotted key works too and
 * comes first. */
yyjson_val *json_find(yyjson_val *object, struct text path);
