#include "base/record_avro.h"

#include <assert.h>
#include <math.h>

/* Record types whose schema was written: from then on the name stands for it. */
struct written {
    const struct record_type *types[16];
    size_t count;
};

static void write_type(const struct record_type *type, bool top, struct written *written,
                       struct buf *out);

static void write_enum(const struct record_type *type, const struct record_field *field,
                       struct buf *out)
{
    buf_addf(out, "{\"type\":\"enum\",\"name\":\"%s_%s\",\"symbols\":[", type->name, field->name);
    for (size_t i = 0; field->symbols[i]; i++)
        buf_addf(out, "%s\"%s\"", i > 0 ? "," : "", field->symbols[i]);
    buf_add(out, TEXT("]}"));
}

static void write_field_type(const struct record_type *type, const struct record_field *field,
                             struct written *written, struct buf *out)
{
    static const char *const plain[] = {
        [FIELD_TEXT] = "\"string\"",
        [FIELD_TIME] = "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}",
        [FIELD_LONG] = "\"long\"",
        [FIELD_DOUBLE] = "\"double\"",
        [FIELD_BOOLEAN] = "\"boolean\"",
        [FIELD_TEXT_LIST] = "{\"type\":\"array\",\"items\":\"string\"}",
        [FIELD_TEXT_MAP] = "{\"type\":\"map\",\"values\":\"string\"}",
    };

    switch (field->kind) {
    case FIELD_ENUM:
        write_enum(type, field, out);
        break;
    case FIELD_RECORD:
        write_type(field->record, false, written, out);
        break;
    case FIELD_RECORD_LIST:
        buf_add(out, TEXT("{\"type\":\"array\",\"items\":"));
        write_type(field->record, false, written, out);
        buf_add_byte(out, '}');
        break;
    default:
        buf_add_string(out, plain[field->kind]);
    }
}

static void write_default(const struct record_field *field, struct buf *out)
{
    static const char *const plain[] = {
        [FIELD_TEXT] = "\"\"",      [FIELD_TIME] = "0",        [FIELD_LONG] = "0",
        [FIELD_DOUBLE] = "0.0",     [FIELD_BOOLEAN] = "false", [FIELD_TEXT_LIST] = "[]",
        [FIELD_RECORD_LIST] = "[]", [FIELD_TEXT_MAP] = "{}",
    };

    if (field->nullable) {
        buf_add(out, TEXT("null"));
    } else if (field->kind == FIELD_ENUM) {
        buf_addf(out, "\"%s\"", field->symbols[0]);
    } else if (field->kind == FIELD_RECORD) {
        /* In full: not every reader fills an empty object with the inner defaults. */
        for (const struct record_field *inner = field->record->fields; inner->name; inner++) {
            buf_addf(out, "%c\"%s\":", inner == field->record->fields ? '{' : ',', inner->name);
            write_default(inner, out);
        }
        buf_add_byte(out, '}');
    } else {
        buf_add_string(out, plain[field->kind]);
    }
}

static void write_field(const struct record_type *type, const struct record_field *field,
                        struct written *written, struct buf *out)
{
    buf_addf(out, "{\"name\":\"%s\",\"type\":", field->name);
    buf_add_string(out, field->nullable ? "[\"null\"," : "");
    write_field_type(type, field, written, out);
    buf_add_string(out, field->nullable ? "],\"default\":" : ",\"default\":");
    write_default(field, out);
    buf_add_byte(out, '}');
}

static void write_type(const struct record_type *type, bool top, struct written *written,
                       struct buf *out)
{
    for (size_t i = 0; i < written->count; i++) {
        if (written->types[i] == type) {
            buf_addf(out, "\"%s\"", type->name);
            return;
        }
    }
    assert(written->count < COUNT_OF(written->types));
    written->types[written->count++] = type;
    buf_addf(out, "{\"type\":\"record\",\"name\":\"%s\",%s\"fields\":[", type->name,
             top ? "\"namespace\":\"haechi\"," : "");
    for (const struct record_field *field = type->fields; field->name; field++) {
        if (field > type->fields)
            buf_add_byte(out, ',');
        write_field(type, field, written, out);
    }
    buf_add(out, TEXT("]}"));
}

void record_avro_schema(const struct record_type *type, struct buf *out)
{
    struct written written = {.count = 0};

    write_type(type, true, &written, out);
}

/* Zigzag, then seven bits a byte, lowest first. */
static void write_long(int64_t value, struct buf *out)
{
    uint64_t rest = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);

    for (; rest >= 0x80; rest >>= 7)
        buf_add_byte(out, (char)(rest | 0x80));
    buf_add_byte(out, (char)rest);
}

static void write_double(double value, struct buf *out)
{
    uint64_t bits;

    if (!isfinite(value))
        value = 0;
    memcpy(&bits, &value, sizeof(bits));
    for (int i = 0; i < 8; i++)
        buf_add_byte(out, (char)(bits >> 8 * i));
}

static void repair(struct text text, struct buf *out)
{
    for (size_t i = 0; i < text.size;) {
        size_t size = text_character(text_slice(text, i, i + 4));

        buf_add(out, size > 0 ? text_slice(text, i, i + size) : TEXT("\xEF\xBF\xBD"));
        i += size > 0 ? size : 1;
    }
}

static void write_text(struct text text, struct buf *out)
{
    AUTO_BUF repaired = {0};

    if (!text_is_utf8(text)) {
        repair(text, &repaired);
        text = buf_text(&repaired);
    }
    write_long((int64_t)text.size, out);
    buf_add(out, text);
}

/* Lists and maps are blocks, each headed by its number of items; a 0 ends them. */
static void write_texts(const struct record_texts *texts, struct buf *out)
{
    if (texts->count > 0)
        write_long((int64_t)texts->count, out);
    for (size_t i = 0; i < texts->count; i++)
        write_text(texts->items[i], out);
    write_long(0, out);
}

static void write_map(const struct record_map *map, struct buf *out)
{
    if (map->count > 0)
        write_long((int64_t)map->count, out);
    for (size_t i = 0; i < map->count; i++) {
        write_text(map->names[i], out);
        write_text(map->values[i], out);
    }
    write_long(0, out);
}

static void write_records(const struct record_type *type, const struct record_list *list,
                          struct buf *out)
{
    if (list->count > 0)
        write_long((int64_t)list->count, out);
    for (size_t i = 0; i < list->count; i++)
        record_avro_write(type, (const char *)list->items + i * type->size, out);
    write_long(0, out);
}

static void write_value(const struct record_field *field, const void *value, struct buf *out)
{
    if (field->nullable) {
        bool is_null = record_is_null(field, value);

        write_long(is_null ? 0 : 1, out);
        if (is_null)
            return;
    }
    switch (field->kind) {
    case FIELD_TEXT:
        write_text(*(const struct text *)value, out);
        break;
    case FIELD_TIME:
    case FIELD_LONG:
        write_long(*(const int64_t *)value, out);
        break;
    case FIELD_DOUBLE:
        write_double(*(const double *)value, out);
        break;
    case FIELD_BOOLEAN:
        buf_add_byte(out, *(const bool *)value ? 1 : 0);
        break;
    case FIELD_ENUM:
        write_long(*(const int *)value, out);
        break;
    case FIELD_TEXT_LIST:
        write_texts(value, out);
        break;
    case FIELD_TEXT_MAP:
        write_map(value, out);
        break;
    case FIELD_RECORD:
        record_avro_write(field->record, value, out);
        break;
    case FIELD_RECORD_LIST:
        write_records(field->record, value, out);
        break;
    }
}

void record_avro_write(const struct record_type *type, const void *record, struct buf *out)
{
    for (const struct record_field *field = type->fields; field->name; field++)
        write_value(field, (const char *)record + field->offset, out);
}

void record_avro_frame_confluent(uint32_t schema_id, struct buf *out)
{
    buf_add_byte(out, 0);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_add_byte(out, (char)(schema_id >> shift));
}

void record_avro_frame_single(uint64_t fingerprint, struct buf *out)
{
    buf_add(out, TEXT("\xC3\x01"));
    for (int shift = 0; shift < 64; shift += 8)
        buf_add_byte(out, (char)(fingerprint >> shift));
}

enum record_avro_frame record_avro_unframe(struct text *bytes, uint64_t *id)
{
    const unsigned char *at = (const unsigned char *)bytes->bytes;
    uint64_t found = 0;

    if (bytes->size >= 5 && at[0] == 0) {
        for (size_t i = 1; i < 5; i++)
            found = found << 8 | at[i];
        *bytes = text_slice(*bytes, 5, bytes->size);
        *id = found;
        return RECORD_AVRO_CONFLUENT;
    }
    if (bytes->size >= 10 && at[0] == 0xC3 && at[1] == 0x01) {
        for (size_t i = 10; i > 2; i--)
            found = found << 8 | at[i - 1];
        *bytes = text_slice(*bytes, 10, bytes->size);
        *id = found;
        return RECORD_AVRO_SINGLE;
    }
    return RECORD_AVRO_BARE;
}
