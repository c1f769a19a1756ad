/* record_avro: records as Avro binary (specification 1.11.1), with or without a frame.
 *
 * avro-c parses and checks schemas; the bytes are read by a decoder of our own that follows the
 * *writer's* schema, checks every length against what is left, maps fields by name to the struct
 * and gives absent ones their default (avro-c has no reader defaults, and leaks on bad input).
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/record.h"

/* The Avro schema (JSON text) that @type's table means; schemas/<name>.avsc holds the same. */
void record_avro_schema(const struct record_type *type, struct buf *out);
/* CRC-64-AVRO Rabin fingerprint of the Parsing Canonical Form of @schema_json. */
int record_avro_fingerprint(struct text schema_json, uint64_t *fingerprint, struct error *err);

/* Appends the Avro binary of @record, without a frame. */
void record_avro_write(const struct record_type *type, const void *record, struct buf *out);

/* How records written with one schema become @type: made once per writer's schema. */
struct record_avro_plan;
struct record_avro_plan *record_avro_plan_new(const struct record_type *type, struct text writer_schema_json,
                                struct error *err);
void record_avro_plan_free(struct record_avro_plan *plan);
AUTO_FREE(record_avro_plan)
/* POISON when @bytes are not exactly one such record. */
int record_avro_read(const struct record_avro_plan *plan, struct text bytes, struct arena *arena,
                     void *record, struct error *err);

/* Confluent framing: byte 0, schema id big-endian. Single-object encoding: C3 01, fingerprint
 * little-endian. */
void record_avro_frame_confluent(uint32_t schema_id, struct buf *out);
void record_avro_frame_single(uint64_t fingerprint, struct buf *out);
enum avro_frame { AVRO_FRAME_NONE, AVRO_FRAME_CONFLUENT, AVRO_FRAME_SINGLE };
/* Takes the frame off *@bytes and says which it was; @id gets schema id or fingerprint. */
enum avro_frame record_avro_unframe(struct text *bytes, uint64_t *id);
