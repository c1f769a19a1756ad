#include "forwarder/field.h"

#include "base/number.h"

struct text field_event_type(const struct alert *alert)
{
    return alert->event_types.count > 0 ? alert->event_types.items[0] : TEXT("security_event");
}

void field_identity(const struct alert *alert, struct buf *out)
{
    buf_add(out, alert->alert_id);
    buf_add_byte(out, '-');
    number_write_integer(alert->revision, out);
}

void field_list(const struct record_texts *list, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            buf_add(out, TEXT(", "));
        buf_add(out, list->items[i]);
    }
}

void field_map(const struct record_map *map, struct buf *out)
{
    for (size_t i = 0; i < map->count; i++) {
        if (i > 0)
            buf_add(out, TEXT(", "));
        buf_add(out, map->names[i]);
        buf_add_byte(out, '=');
        buf_add(out, map->values[i]);
    }
}

int field_severity(const struct alert *alert)
{
    static const int severities[] = {
        [LEVEL_LOW] = 3, [LEVEL_MEDIUM] = 6, [LEVEL_HIGH] = 8, [LEVEL_CRITICAL] = 10};

    return severities[alert->severity];
}
