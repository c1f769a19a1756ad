/* object: JSON objects, written member by member.
 *
 * Open and close braces and brackets with buf_add_byte(); commas come by themselves, since nothing
 * but an opening brace or bracket stands before the first member. Texts may hold any byte
 * (buf_add_json()).
 */
#pragma once

#include "base/buf.h"
#include "base/record.h"

/* A comma unless first, and "name": */
void object_name(struct buf *out, const char *name);
void object_text(struct buf *out, const char *name, struct text value);
/* Nothing for the empty text. */
void object_optional(struct buf *out, const char *name, struct text value);
void object_integer(struct buf *out, const char *name, int64_t value);
void object_real(struct buf *out, const char *name, double value);
void object_boolean(struct buf *out, const char *name, bool value);
/* RFC 3339 in UTC with milliseconds. */
void object_time(struct buf *out, const char *name, int64_t ms);
void object_list(struct buf *out, const char *name, const struct record_texts *list);
/* "name":{ and "name":[ */
void object_open(struct buf *out, const char *name, char brace);

/* An item of a list: a comma unless first, then the text. */
void object_item(struct buf *out, struct text value);
