#include "forwarder/object.h"

#include "base/moment.h"
#include "base/number.h"

static void separate(struct buf *out)
{
    const char last = (char)(out->size > 0 ? out->bytes[out->size - 1] : '{');

    if (last != '{' && last != '[')
        buf_add_byte(out, ',');
}

void object_name(struct buf *out, const char *name)
{
    separate(out);
    buf_add_json(out, text_of(name));
    buf_add_byte(out, ':');
}

void object_text(struct buf *out, const char *name, struct text value)
{
    object_name(out, name);
    buf_add_json(out, value);
}

void object_optional(struct buf *out, const char *name, struct text value)
{
    if (value.size > 0)
        object_text(out, name, value);
}

void object_integer(struct buf *out, const char *name, int64_t value)
{
    object_name(out, name);
    number_write_integer(value, out);
}

void object_real(struct buf *out, const char *name, double value)
{
    object_name(out, name);
    number_write_real(value, out);
}

void object_boolean(struct buf *out, const char *name, bool value)
{
    object_name(out, name);
    buf_add_string(out, value ? "true" : "false");
}

void object_time(struct buf *out, const char *name, int64_t ms)
{
    object_name(out, name);
    buf_add_byte(out, '"');
    moment_write(ms, out);
    buf_add_byte(out, '"');
}

void object_list(struct buf *out, const char *name, const struct record_texts *list)
{
    object_open(out, name, '[');
    for (size_t i = 0; i < list->count; i++)
        object_item(out, list->items[i]);
    buf_add_byte(out, ']');
}

void object_open(struct buf *out, const char *name, char brace)
{
    object_name(out, name);
    buf_add_byte(out, brace);
}

void object_item(struct buf *out, struct text value)
{
    separate(out);
    buf_add_json(out, value);
}
