/* record: what a Kafka value holds, described once and written in two forms.
 *
 * A record type is a table of fields over a struct. From it come the JSON and Avro codecs
 * (record_json.h, record_avro.h), so the two cannot drift apart; schemas/<name>.avsc is the
 * published form, and a test holds it to the table. Fields are only ever added, with defaults
 * (schemas/README.md).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum field_kind {
    FIELD_TEXT,        /* struct text */
    FIELD_TIME,        /* int64_t ms; JSON: RFC 3339, Avro: long, timestamp-millis */
    FIELD_LONG,        /* int64_t */
    FIELD_DOUBLE,      /* double */
    FIELD_BOOLEAN,     /* bool */
    FIELD_ENUM,        /* int, index into symbols */
    FIELD_TEXT_LIST,   /* struct record_texts */
    FIELD_TEXT_MAP,    /* struct record_map */
    FIELD_RECORD,      /* the struct itself, inside its parent */
    FIELD_RECORD_LIST, /* struct record_list */
};

struct record_texts {
    struct text *items;
    size_t count;
};

struct record_map {
    struct text *names;
    struct text *values;
    size_t count;
};

struct record_list {
    void *items; /* array of the record's struct */
    size_t count;
};

struct record_field {
    const char *name; /* NULL ends a table */
    enum field_kind kind;
    size_t offset;
    bool nullable;              /* TEXT: empty is null; LONG, TIME: RECORD_NULL; DOUBLE: NaN */
    const char *const *symbols; /* ENUM, ended by NULL */
    const struct record_type *record;
};

/* Null of a nullable TIME or LONG. A nullable DOUBLE's null is NaN, and neither form carries an
 * infinity: a DOUBLE that is not finite is written as null, or as 0 where null is not allowed. */
#define RECORD_NULL INT64_MIN

struct record_type {
    const char *name; /* Avro name and header: "event" */
    int version;      /* of the header: event/1 */
    size_t size;      /* of the struct */
    const struct record_field *fields;
};

/* Every field as it is where a record does not say it: null, 0, false, the first symbol, empty. */
void record_set_defaults(const struct record_type *type, void *record);
/* Whether @value, which @field describes, is to be written as null. */
bool record_is_null(const struct record_field *field, const void *value);
