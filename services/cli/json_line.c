#include "cli/json_line.h"

#include "base/record_json.h"
#include "cli/printable.h"

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

void json_line_record(const struct record_type *type, const void *record, bool is_terminal,
                      struct buf *out)
{
    AUTO_BUF json = {0};

    record_json_write(type, record, &json);
    if (is_terminal)
        printable_add_json(out, buf_text(&json));
    else
        buf_add(out, buf_text(&json));
    buf_add_byte(out, '\n');
}
