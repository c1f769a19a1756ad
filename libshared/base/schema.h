/* schema: an Avro schema (specification 1.11.1) that somebody wrote, as a graph of nodes.
 *
 * Bounded: 1 MiB of text, nested 64 deep, 1,000 named types, 1,000 fields a record. Default values,
 * aliases, order and logical types are passed over: the writer's default values mean nothing to a
 * reader, and the tables of record.h have the reader's.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum schema_kind {
    SCHEMA_NULL,
    SCHEMA_BOOLEAN,
    SCHEMA_INT,
    SCHEMA_LONG,
    SCHEMA_FLOAT,
    SCHEMA_DOUBLE,
    SCHEMA_BYTES,
    SCHEMA_STRING,
    SCHEMA_RECORD,
    SCHEMA_ENUM,
    SCHEMA_ARRAY,
    SCHEMA_MAP,
    SCHEMA_UNION,
    SCHEMA_FIXED,
};

struct schema_node {
    enum schema_kind kind;
    struct text name;   /* RECORD, ENUM, FIXED: with its namespace */
    struct text *words; /* RECORD: names of fields; ENUM: symbols */
    const struct schema_node *
        *children; /* RECORD: types of fields; UNION: branches; ARRAY, MAP: one */
    size_t count;  /* of words or children */
    uint64_t size; /* FIXED: bytes */
};

/* "string", "record", … */
const char *schema_kind_name(enum schema_kind kind);

/* In @arena. A type that refers to itself makes a cycle. NULL with @err. */
const struct schema_node *schema_parse(struct arena *arena, struct text json, struct error *err);

/* Parsing Canonical Form: equal for schemas that read the same bytes the same way. */
void schema_write_canonical(const struct schema_node *schema, struct buf *out);
/* CRC-64-AVRO, the specification's Rabin fingerprint, of the canonical form. */
uint64_t schema_fingerprint(const struct schema_node *schema);
