/* record_avro_plan: how records written with one Avro schema become ours.
 *
 * Made once for each writer's schema. Fields are found by name; ints become longs and doubles as
 * the specification's resolution says, bytes and strings are one; what the writer has and we have
 * not is passed over, what we have and the writer has not keeps its default (record.h). The bytes
 * are hostile: every length is checked against what is left, items are counted, nesting ends at 64.
 * Not avro-c, which knows no defaults of the reader and leaks on bad input (AVRO-4246).
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/record.h"

struct record_avro_plan;

/* @type is borrowed, @writer_schema (JSON text) copied. NULL with @err, of class POISON, when no
 * record written so can be one of ours. */
struct record_avro_plan *record_avro_plan_new(const struct record_type *type,
                                              struct text writer_schema, struct error *err);
void record_avro_plan_free(struct record_avro_plan *plan); /* NULL is fine */
AUTO_FREE(record_avro_plan)

/* -EBADMSG, POISON, when @bytes are not exactly one such record; @record is untouched then. Texts
 * stay in @bytes, lists live in @arena. Any number of threads may read by one plan. */
int record_avro_plan_read(const struct record_avro_plan *plan, struct text bytes,
                          struct arena *arena, void *record, struct error *err);

/* The writer's schema's fingerprint, which single-object encoding names it by. */
uint64_t record_avro_plan_fingerprint(const struct record_avro_plan *plan);
