#include "cli/json_line.h"

#include "base/record_json.h"

void json_line_text(struct buf *out, const char *name, struct text value)
{
    buf_addf(out, ",\"%s\":", name);
    buf_add_json(out, value);
}

void json_line_texts(struct buf *out, const char *name, const struct text *values, size_t count)
{
    buf_addf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        buf_add_string(out, i ? "," : "");
        buf_add_json(out, values[i]);
    }
    buf_add_byte(out, ']');
}

void json_line_record(const struct record_type *type, const void *record, struct buf *out)
{
    record_json_write(type, record, out);
    buf_add_byte(out, '\n');
}
