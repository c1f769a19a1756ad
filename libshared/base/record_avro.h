/* record_avro: records as Avro binary (specification 1.11.1), and the frames around it.
 *
 * Writing and framing; record_avro_plan.h reads. What is not UTF-8 in a text becomes U+FFFD, as in
 * JSON: Avro's strings are UTF-8, and readers in other languages refuse what is not.
 */
#pragma once

#include "base/buf.h"
#include "base/record.h"

/* The Avro schema (JSON text) that @type's table means; schemas/<name>.avsc holds the same, with
 * words. Every field has a default, which makes any two versions compatible both ways. */
void record_avro_schema(const struct record_type *type, struct buf *out);

/* Appends the Avro binary of @record, without a frame. */
void record_avro_write(const struct record_type *type, const void *record, struct buf *out);

/* Confluent framing: byte 0, schema id big-endian.
 * (docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop, "Wire format")
 */
void record_avro_frame_confluent(uint32_t schema_id, struct buf *out);
/* Single-object encoding: C3 01, fingerprint little-endian. */
void record_avro_frame_single(uint64_t fingerprint, struct buf *out);

enum record_avro_frame { RECORD_AVRO_BARE, RECORD_AVRO_CONFLUENT, RECORD_AVRO_SINGLE };
/* Takes the frame off *@bytes and says which it was; *@id gets schema id or fingerprint. Both are
 * left alone where there is none. */
enum record_avro_frame record_avro_unframe(struct text *bytes, uint64_t *id);
