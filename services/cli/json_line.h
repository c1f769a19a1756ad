/* json_line: what commands print for programs, a JSON object a line. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/record.h"
#include "base/text.h"

/* Appends `,"<name>":<value>`. */
void json_line_text(struct buf *out, const char *name, struct text value);
void json_line_texts(struct buf *out, const char *name, const struct text *values, size_t count);

/* Appends @record as a line; for a terminal what it would obey is escaped (printable.h). */
void json_line_record(const struct record_type *type, const void *record, bool is_terminal,
                      struct buf *out);
