/* json_line: what commands print for programs, a JSON object a line. */
#pragma once

#include "base/buf.h"
#include "base/record.h"
#include "base/text.h"

/* Appends `,"<name>":<value>`. */
void json_line_text(struct buf *out, const char *name, struct text value);
void json_line_texts(struct buf *out, const char *name, const struct text *values, size_t count);

/* Appends @record as a line. */
void json_line_record(const struct record_type *type, const void *record, struct buf *out);
