#include "base/record_json.h"

#include <errno.h>

#include "base/arena_json.h"
#include "base/moment.h"
#include "base/number.h"

static void write_texts(const struct record_texts *texts, struct buf *out)
{
    buf_add_byte(out, '[');
    for (size_t i = 0; i < texts->count; i++) {
        if (i > 0)
            buf_add_byte(out, ',');
        buf_add_json(out, texts->items[i]);
    }
    buf_add_byte(out, ']');
}

static void write_map(const struct record_map *map, struct buf *out)
{
    buf_add_byte(out, '{');
    for (size_t i = 0; i < map->count; i++) {
        if (i > 0)
            buf_add_byte(out, ',');
        buf_add_json(out, map->names[i]);
        buf_add_byte(out, ':');
        buf_add_json(out, map->values[i]);
    }
    buf_add_byte(out, '}');
}

static void write_records(const struct record_type *type, const struct record_list *list,
                          struct buf *out)
{
    buf_add_byte(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            buf_add_byte(out, ',');
        record_json_write(type, (const char *)list->items + i * type->size, out);
    }
    buf_add_byte(out, ']');
}

static void write_time(int64_t ms, struct buf *out)
{
    buf_add_byte(out, '"');
    moment_write(ms, out);
    buf_add_byte(out, '"');
}

static void write_value(const struct record_field *field, const void *value, struct buf *out)
{
    if (record_is_null(field, value)) {
        buf_add(out, TEXT("null"));
        return;
    }
    switch (field->kind) {
    case FIELD_TEXT:
        buf_add_json(out, *(const struct text *)value);
        break;
    case FIELD_TIME:
        write_time(*(const int64_t *)value, out);
        break;
    case FIELD_LONG:
        number_write_integer(*(const int64_t *)value, out);
        break;
    case FIELD_DOUBLE:
        number_write_real(*(const double *)value, out);
        break;
    case FIELD_BOOLEAN:
        buf_add_string(out, *(const bool *)value ? "true" : "false");
        break;
    case FIELD_ENUM:
        buf_add_json(out, text_of(field->symbols[*(const int *)value]));
        break;
    case FIELD_TEXT_LIST:
        write_texts(value, out);
        break;
    case FIELD_TEXT_MAP:
        write_map(value, out);
        break;
    case FIELD_RECORD:
        record_json_write(field->record, value, out);
        break;
    case FIELD_RECORD_LIST:
        write_records(field->record, value, out);
        break;
    }
}

static void write_name(char before, const char *name, struct buf *out)
{
    size_t size = strlen(name);
    char *at = buf_reserve(out, size + 4);

    at[0] = before;
    at[1] = '"';
    memcpy(at + 2, name, size);
    at[size + 2] = '"';
    at[size + 3] = ':';
    out->size += size + 4;
}

void record_json_write(const struct record_type *type, const void *record, struct buf *out)
{
    char before = '{';

    for (const struct record_field *field = type->fields; field->name; field++) {
        write_name(before, field->name, out);
        write_value(field, (const char *)record + field->offset, out);
        before = ',';
    }
    buf_add_byte(out, '}');
}

/* What reading needs everywhere. */
struct reader {
    struct arena *arena;
    struct error *err;
    bool is_exact; /* nothing so far that record_json_write() would have written otherwise, but for
                      white space and escapes */
};

static int refuse(struct reader *reader, yyjson_val *value, const char *wanted)
{
    return error_set_class(reader->err, ERROR_POISON, -EBADMSG, "found %s; it must be %s",
                           yyjson_get_type_desc(value), wanted);
}

/* Texts stay where yyjson decoded them, which is in the arena. */
static struct text text_of_value(yyjson_val *value)
{
    return (struct text){yyjson_get_str(value), yyjson_get_len(value)};
}

/* As moment_write() has it; a leap second becomes another time. */
static bool is_plain_time(struct text t)
{
    return t.size == 24 && t.bytes[10] == 'T' && t.bytes[17] != '6' && t.bytes[19] == '.' &&
           t.bytes[23] == 'Z';
}

static int read_time(struct reader *reader, yyjson_val *value, int64_t *ms)
{
    struct moment moment;

    if (!yyjson_is_str(value))
        return refuse(reader, value, "an RFC 3339 time");
    if (!moment_parse_rfc3339(text_of_value(value), NULL, &moment))
        return error_set_class(reader->err, ERROR_POISON, -EBADMSG,
                               "found '%.*s'; it must be an RFC 3339 time",
                               TEXT_ARG(text_of_value(value)));
    *ms = moment.ms;
    reader->is_exact = reader->is_exact && is_plain_time(text_of_value(value));
    return 0;
}

static int read_long(struct reader *reader, yyjson_val *value, int64_t *number)
{
    if (!yyjson_is_int(value) || (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX))
        return refuse(reader, value, "a whole number of at most 64 bits");
    *number = yyjson_get_sint(value);
    return 0;
}

static int read_enum(struct reader *reader, yyjson_val *value, const char *const *symbols,
                     int *index)
{
    if (!yyjson_is_str(value))
        return refuse(reader, value, "one of its names");
    for (int i = 0; symbols[i]; i++) {
        if (text_is(text_of_value(value), symbols[i])) {
            *index = i;
            return 0;
        }
    }
    return error_set_class(reader->err, ERROR_POISON, -EBADMSG,
                           "found '%.*s', which is none of its names",
                           TEXT_ARG(text_of_value(value)));
}

static int read_texts(struct reader *reader, yyjson_val *value, struct record_texts *texts)
{
    size_t i, count;
    yyjson_val *item;

    if (!yyjson_is_arr(value))
        return refuse(reader, value, "a list of texts");
    texts->items = arena_take(reader->arena, yyjson_arr_size(value) * sizeof(*texts->items));
    yyjson_arr_foreach(value, i, count, item)
    {
        if (!yyjson_is_str(item))
            return refuse(reader, item, "a list of texts throughout");
        texts->items[i] = text_of_value(item);
    }
    texts->count = count;
    return 0;
}

static int read_map(struct reader *reader, yyjson_val *value, struct record_map *map)
{
    size_t size = yyjson_obj_size(value) * sizeof(*map->names);
    size_t i, count;
    yyjson_val *name, *item;

    if (!yyjson_is_obj(value))
        return refuse(reader, value, "an object of texts");
    map->names = arena_take(reader->arena, size);
    map->values = arena_take(reader->arena, size);
    yyjson_obj_foreach(value, i, count, name, item)
    {
        if (!yyjson_is_str(item))
            return refuse(reader, item, "an object of texts throughout");
        map->names[i] = text_of_value(name);
        map->values[i] = text_of_value(item);
    }
    map->count = count;
    return 0;
}

static int read_record(struct reader *reader, const struct record_type *type, yyjson_val *value,
                       void *record);

static int read_records(struct reader *reader, const struct record_type *type, yyjson_val *value,
                        struct record_list *list)
{
    size_t i, count;
    yyjson_val *item;

    if (!yyjson_is_arr(value))
        return refuse(reader, value, "a list of objects");
    list->items = arena_take(reader->arena, yyjson_arr_size(value) * type->size);
    yyjson_arr_foreach(value, i, count, item)
    {
        if (read_record(reader, type, item, (char *)list->items + i * type->size) < 0)
            return -EBADMSG;
    }
    list->count = count;
    return 0;
}

static int read_text(struct reader *reader, const struct record_field *field, yyjson_val *value,
                     struct text *text)
{
    if (!yyjson_is_str(value))
        return refuse(reader, value, "a text");
    *text = text_of_value(value);
    reader->is_exact = reader->is_exact && !record_is_null(field, text);
    return 0;
}

static int read_double(struct reader *reader, yyjson_val *value, double *number)
{
    if (!yyjson_is_num(value))
        return refuse(reader, value, "a number");
    *number = yyjson_get_num(value);
    reader->is_exact = reader->is_exact && yyjson_is_real(value);
    return 0;
}

static int read_value(struct reader *reader, const struct record_field *field, yyjson_val *value,
                      void *place)
{
    if (field->nullable && yyjson_is_null(value)) /* as record_set_defaults() left it */
        return 0;

    switch (field->kind) {
    case FIELD_TEXT:
        return read_text(reader, field, value, place);
    case FIELD_TIME:
        return read_time(reader, value, place);
    case FIELD_LONG:
        return read_long(reader, value, place);
    case FIELD_DOUBLE:
        return read_double(reader, value, place);
    case FIELD_BOOLEAN:
        if (!yyjson_is_bool(value))
            return refuse(reader, value, "true or false");
        *(bool *)place = yyjson_get_bool(value);
        return 0;
    case FIELD_ENUM:
        return read_enum(reader, value, field->symbols, place);
    case FIELD_TEXT_LIST:
        return read_texts(reader, value, place);
    case FIELD_TEXT_MAP:
        return read_map(reader, value, place);
    case FIELD_RECORD:
        return read_record(reader, field->record, value, place);
    case FIELD_RECORD_LIST:
        return read_records(reader, field->record, value, place);
    }
    return 0;
}

/* Members mostly come in the order of the table, so the search starts at @guess. */
static const struct record_field *find_field(const struct record_type *type, struct text name,
                                             const struct record_field *guess)
{
    if (guess->name && text_is(name, guess->name))
        return guess;
    for (const struct record_field *field = type->fields; field->name; field++) {
        if (text_is(name, field->name))
            return field;
    }
    return NULL;
}

static int read_record(struct reader *reader, const struct record_type *type, yyjson_val *value,
                       void *record)
{
    const struct record_field *guess = type->fields;
    size_t i, count;
    yyjson_val *name, *member;

    if (!yyjson_is_obj(value))
        return refuse(reader, value, "an object");
    record_set_defaults(type, record);
    yyjson_obj_foreach(value, i, count, name, member)
    {
        const struct record_field *field = find_field(type, text_of_value(name), guess);

        reader->is_exact = reader->is_exact && field == guess;
        if (!field)
            continue;
        if (read_value(reader, field, member, (char *)record + field->offset) < 0) {
            error_prefix(reader->err, "%s", field->name);
            return -EBADMSG;
        }
        guess = field + 1;
    }
    reader->is_exact = reader->is_exact && !guess->name;
    return 0;
}

static bool is_one_line(struct text t)
{
    return !memchr(t.bytes, '\n', t.size) && !memchr(t.bytes, '\r', t.size);
}

int record_json_read_exact(const struct record_type *type, struct text json, struct arena *arena,
                           void *record, bool *is_exact, struct error *err)
{
    struct reader reader = {arena, err, true};
    void *draft = arena_take(arena, type->size);
    yyjson_val *root = arena_json_read(arena, json, err);

    if (!root)
        return -EBADMSG;
    if (read_record(&reader, type, root, draft) < 0) {
        error_prefix(err, "%s", type->name);
        return -EBADMSG;
    }
    memcpy(record, draft, type->size);
    *is_exact = reader.is_exact && is_one_line(json);
    return 0;
}

int record_json_read(const struct record_type *type, struct text json, struct arena *arena,
                     void *record, struct error *err)
{
    bool is_exact;

    return record_json_read_exact(type, json, arena, record, &is_exact, err);
}
