#include "base/wire.h"

#include <errno.h>

enum {
    MAX_DEPTH = 64,
    FREE_ITEMS = 1024, /* items that may take no byte at all (null, empty records) */
};

struct wire wire_of(struct text bytes, struct error *err)
{
    return (struct wire){bytes, bytes.size, bytes.size + FREE_ITEMS, err};
}

int wire_refuse(struct wire *wire, const char *what)
{
    error_set_class(wire->err, ERROR_POISON, -EBADMSG, "%s at byte %zu", what,
                    wire->size - wire->rest.size);
    return -EBADMSG;
}

static int take(struct wire *wire, uint64_t size, struct text *taken)
{
    if (size > wire->rest.size)
        return wire_refuse(wire, "cut off, or a length beyond the end,");
    *taken = text_slice(wire->rest, 0, (size_t)size);
    wire->rest = text_slice(wire->rest, (size_t)size, wire->rest.size);
    return 0;
}

int wire_boolean(struct wire *wire, bool *value)
{
    struct text byte;

    if (take(wire, 1, &byte) < 0)
        return -EBADMSG;
    if ((unsigned char)byte.bytes[0] > 1)
        return wire_refuse(wire, "a boolean that is neither 0 nor 1");
    *value = byte.bytes[0] == 1;
    return 0;
}

/* Seven bits a byte, lowest first, then zigzag: 0, -1, 1, -2, … */
static int take_long(struct wire *wire, int64_t *value)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < wire->rest.size && i < 10; i++) {
        unsigned char byte = (unsigned char)wire->rest.bytes[i];

        if (i == 9 && byte > 1)
            break;
        bits |= (uint64_t)(byte & 0x7F) << 7 * i;
        if (byte < 0x80) {
            wire->rest.bytes += i + 1;
            wire->rest.size -= i + 1;
            *value = (int64_t)(bits >> 1 ^ -(bits & 1));
            return 0;
        }
    }
    return wire_refuse(wire, "no whole number");
}

int wire_integer(struct wire *wire, enum schema_kind kind, int64_t *value)
{
    if (take_long(wire, value) < 0)
        return -EBADMSG;
    if (kind == SCHEMA_INT && (*value < INT32_MIN || *value > INT32_MAX))
        return wire_refuse(wire, "an int of more than 32 bits");
    return 0;
}

/* @size bytes, lowest first, whatever this machine's own order. */
static int take_little_endian(struct wire *wire, size_t size, uint64_t *bits)
{
    struct text bytes;

    if (take(wire, size, &bytes) < 0)
        return -EBADMSG;
    *bits = 0;
    for (size_t i = 0; i < size; i++)
        *bits |= (uint64_t)(unsigned char)bytes.bytes[i] << 8 * i;
    return 0;
}

static int take_float(struct wire *wire, double *value)
{
    uint64_t bits;
    float small;

    if (take_little_endian(wire, 4, &bits) < 0)
        return -EBADMSG;
    uint32_t half = (uint32_t)bits;

    memcpy(&small, &half, sizeof(small));
    *value = (double)small;
    return 0;
}

int wire_number(struct wire *wire, enum schema_kind kind, double *value)
{
    uint64_t bits;
    int64_t whole;

    if (kind == SCHEMA_FLOAT)
        return take_float(wire, value);
    if (kind == SCHEMA_DOUBLE) {
        if (take_little_endian(wire, 8, &bits) < 0)
            return -EBADMSG;
        memcpy(value, &bits, sizeof(*value));
        return 0;
    }
    if (wire_integer(wire, kind, &whole) < 0)
        return -EBADMSG;
    *value = (double)whole;
    return 0;
}

int wire_text(struct wire *wire, struct text *value)
{
    int64_t size;

    if (take_long(wire, &size) < 0)
        return -EBADMSG;
    return take(wire, (uint64_t)size, value); /* a negative size is a huge one */
}

int wire_index(struct wire *wire, size_t count, size_t *index)
{
    int64_t value;

    if (take_long(wire, &value) < 0)
        return -EBADMSG;
    if ((uint64_t)value >= count)
        return wire_refuse(wire, "an enum or union index beyond the schema's");
    *index = (size_t)value;
    return 0;
}

/* @jump gets the bytes of the block's items where the writer says them, which it does by writing
 * the count negative. */
static int take_block(struct wire *wire, size_t *count, struct text *jump)
{
    int64_t items, size;

    *jump = (struct text){NULL, 0};
    if (take_long(wire, &items) < 0)
        return -EBADMSG;
    uint64_t number = items < 0 ? 0 - (uint64_t)items : (uint64_t)items;

    if (items < 0) {
        if (take_long(wire, &size) < 0)
            return -EBADMSG;
        if ((uint64_t)size > wire->rest.size)
            return wire_refuse(wire, "a block longer than what is left");
        *jump = text_slice(wire->rest, 0, (size_t)size);
    }
    if (number > wire->items)
        return wire_refuse(wire, "more items than bytes");
    wire->items -= number;
    *count = (size_t)number;
    return 0;
}

int wire_block(struct wire *wire, size_t *count)
{
    struct text jump;

    return take_block(wire, count, &jump);
}

static int skip(struct wire *wire, const struct schema_node *schema, int depth);

static int skip_blocks(struct wire *wire, const struct schema_node *schema, int depth)
{
    struct text jump, name;
    size_t count;

    do {
        if (take_block(wire, &count, &jump) < 0)
            return -EBADMSG;
        if (jump.bytes && count > 0) {
            if (take(wire, jump.size, &jump) < 0)
                return -EBADMSG;
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            if (schema->kind == SCHEMA_MAP && wire_text(wire, &name) < 0)
                return -EBADMSG;
            if (skip(wire, schema->children[0], depth + 1) < 0)
                return -EBADMSG;
        }
    } while (count > 0);
    return 0;
}

static int skip_record(struct wire *wire, const struct schema_node *schema, int depth)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (skip(wire, schema->children[i], depth + 1) < 0)
            return -EBADMSG;
    }
    return 0;
}

static int skip(struct wire *wire, const struct schema_node *schema, int depth)
{
    struct text bytes;
    bool flag;
    int64_t whole;
    double number;
    size_t index;

    if (depth > MAX_DEPTH)
        return wire_refuse(wire, "nested more than 64 deep");
    switch (schema->kind) {
    case SCHEMA_NULL:
        return 0;
    case SCHEMA_BOOLEAN:
        return wire_boolean(wire, &flag);
    case SCHEMA_INT:
    case SCHEMA_LONG:
        return wire_integer(wire, schema->kind, &whole);
    case SCHEMA_FLOAT:
    case SCHEMA_DOUBLE:
        return wire_number(wire, schema->kind, &number);
    case SCHEMA_BYTES:
    case SCHEMA_STRING:
        return wire_text(wire, &bytes);
    case SCHEMA_RECORD:
        return skip_record(wire, schema, depth);
    case SCHEMA_ENUM:
        return wire_index(wire, schema->count, &index);
    case SCHEMA_ARRAY:
    case SCHEMA_MAP:
        return skip_blocks(wire, schema, depth);
    case SCHEMA_UNION:
        if (wire_index(wire, schema->count, &index) < 0)
            return -EBADMSG;
        return skip(wire, schema->children[index], depth + 1);
    case SCHEMA_FIXED:
        return take(wire, schema->size, &bytes);
    }
    return 0;
}

int wire_skip(struct wire *wire, const struct schema_node *schema)
{
    return skip(wire, schema, 0);
}
