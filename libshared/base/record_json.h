/* record_json: records as JSON objects.
 *
 * Writing: every field, in the order of the table; bytes that are not UTF-8 become U+FFFD, doubles
 * have the fewest digits that read back as they are.
 *
 * Reading: unknown members are passed over, absent ones have their default (null, 0, first symbol,
 * empty), wrong types are refused. Texts of what was read live in the arena.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/record.h"

void record_json_write(const struct record_type *type, const void *record, struct buf *out);
/* -EBADMSG, POISON, with the reason when it is not such a record. @record is untouched on failure.
 */
int record_json_read(const struct record_type *type, struct text json, struct arena *arena,
                     void *record, struct error *err);
/* The same. @is_exact: @json says what record_json_write() would, and in one line; only white
 * space, escapes and the digits of a fraction (0.60 for 0.6) may differ. It may stand where that
 * would have been written. */
int record_json_read_exact(const struct record_type *type, struct text json, struct arena *arena,
                           void *record, bool *is_exact, struct error *err);
