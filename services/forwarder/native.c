#include "forwarder/native.h"

#include "forwarder/field.h"
#include "forwarder/line.h"
#include "forwarder/object.h"

/* All but the ends, with no id longer than @ids bytes and no other text longer than @most. */
static void write_standard(const struct alert *alert, size_t ids, size_t most, struct buf *out)
{
    object_time(out, "timestamp", alert->timestamp);
    object_text(out, "event_id", text_cut(alert->alert_id, ids));
    object_text(out, "event_type", text_cut(field_event_type(alert), most));
    object_text(out, "severity", text_of(event_levels[alert->severity]));
    object_text(out, "source_ip", text_cut(alert->source_ip, most));
    object_text(out, "target_ip", text_cut(alert->target_ip, most));
    object_text(out, "description", text_cut(alert->description, most));
    object_text(out, "alert_id", text_cut(alert->alert_id, ids));
    object_integer(out, "revision", alert->revision);
    object_text(out, "status", text_of(alert_statuses[alert->status]));
    object_text(out, "title", text_cut(alert->title, most));
}

static void write_ends(struct text host, struct buf *out)
{
    object_text(out, "host", host);
    object_text(out, "product", TEXT("Haechi"));
    object_text(out, "version", TEXT(HAECHI_VERSION));
    buf_add_byte(out, '}');
}

void native_write(const struct alert *alert, struct text host, struct buf *out)
{
    buf_add_byte(out, '{');
    write_standard(alert, SIZE_MAX, SIZE_MAX, out);
    object_name(out, "raw_data");
    alert_write_json(alert, out);
    write_ends(host, out);
}

void native_write_within(const struct alert *alert, struct text host, size_t limit, struct buf *out)
{
    const size_t before = out->size;
    size_t most = limit, ids = limit;

    native_write(alert, host, out);
    line_escape_json(out, before);
    /* Without any text about 400 bytes are left, which always fit. Ids are the last to be cut. */
    while (out->size - before > limit) {
        out->size = before;
        buf_add_byte(out, '{');
        write_standard(alert, ids, most, out);
        object_boolean(out, "truncated", true);
        write_ends(text_cut(host, most), out);
        line_escape_json(out, before);
        if (ids == 0)
            break;
        if (most > 0)
            most /= 2;
        else
            ids /= 2;
    }
}
