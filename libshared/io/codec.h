/* codec: values of Kafka topics, written in the format that the settings name and read in any.
 *
 * `json`: the record as JSON. `avro`: Avro, in Confluent's framing where a schema registry is set
 * (subject <topic>-value), else as single objects. Reading tells them apart by the first bytes, so
 * a topic may hold all of them (schemas/README.md). Not thread-safe.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/metrics.h"
#include "base/record.h"
#include "io/shared_settings.h"

struct codec;
struct codec_output;

/* Asks nothing yet. Settings are borrowed. */
struct codec *codec_open(enum value_format format, const struct registry_settings *registry);
void codec_close(struct codec *codec); /* NULL is fine */

/* Has requests to the registry observed and counted, as metrics of @service. */
void codec_watch(struct codec *codec, struct metrics *metrics, const char *service);

/* What writes records of @type (borrowed) to @topic (copied); lives as long as @codec. */
struct codec_output *codec_output(struct codec *codec, const struct record_type *type,
                                  const char *topic);

/* Encoding can fail only until the schema's id is known: has it, so that codec_encode() cannot fail
 * any more. Nothing is asked a second time. RETRY, CONFIG: as codec_encode(). */
int codec_prepare(struct codec_output *output, struct error *err);

/* Appends the value. RETRY while the registry is away, CONFIG when it refuses the schema: @out is
 * untouched then. The network is asked once for each output, not for each record. */
int codec_encode(struct codec_output *output, const void *record, struct buf *out,
                 struct error *err);

/* Values of the headers `haechi.schema` ("event/1") and `content-type`. */
struct text codec_schema(const struct codec_output *output);
struct text codec_content_type(const struct codec_output *output);

/* Has what reading @value needs of the registry: after it codec_decode() of the same cannot fail
 * with RETRY or CONFIG any more. Errors as codec_decode(). */
int codec_prepare_reading(struct codec *codec, const struct record_type *type, struct text value,
                          struct error *err);

/* Reads @value, whose bytes texts of @record may borrow. POISON: it is no such record, or its
 * writer's schema is not to be had. RETRY, CONFIG: of the registry. */
int codec_decode(struct codec *codec, const struct record_type *type, struct text value,
                 struct arena *arena, void *record, struct error *err);
/* The same. @json: @value, where it may stand for the record in JSON (record_json_read_exact()),
 * else empty. */
int codec_decode_json(struct codec *codec, const struct record_type *type, struct text value,
                      struct arena *arena, void *record, struct text *json, struct error *err);
