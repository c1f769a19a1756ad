/* wire: Avro's binary encoding (specification 1.11.1), read within bounds.
 *
 * Every function returns 0 or -EBADMSG with the reason and the byte in err; nothing is copied.
 */
#pragma once

#include "base/error.h"
#include "base/schema.h"
#include "base/text.h"

struct wire {
    struct text rest;  /* what is still to be read */
    size_t size;       /* of the whole */
    uint64_t items;    /* of lists and maps that may still come */
    struct error *err; /* may be NULL */
};

struct wire wire_of(struct text bytes, struct error *err);

/* Fails, saying @what and where. */
int wire_refuse(struct wire *wire, const char *what);

int wire_boolean(struct wire *wire, bool *value);
/* @kind is SCHEMA_INT, whose range is checked, or SCHEMA_LONG. */
int wire_integer(struct wire *wire, enum schema_kind kind, int64_t *value);
/* Of SCHEMA_INT, SCHEMA_LONG, SCHEMA_FLOAT or SCHEMA_DOUBLE. */
int wire_number(struct wire *wire, enum schema_kind kind, double *value);
int wire_text(struct wire *wire, struct text *value); /* string or bytes */
/* Of an enum's symbols or a union's branches. */
int wire_index(struct wire *wire, size_t count, size_t *index);
/* Head of the next block of a list or map: how many items follow; 0 ends it. */
int wire_block(struct wire *wire, size_t *count);
/* Passes over a value of any type. */
int wire_skip(struct wire *wire, const struct schema_node *schema);
