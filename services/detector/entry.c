#include "detector/entry.h"

#include "detector/json.h"

const char *const entry_field_names[ENTRY_FIELD_COUNT] = {
    [ENTRY_TIMESTAMP] = "timestamp",
    [ENTRY_MESSAGE] = "message",
    [ENTRY_SOURCE_IP] = "source_ip",
    [ENTRY_TARGET_IP] = "target_ip",
    [ENTRY_USER_AGENT] = "user_agent",
    [ENTRY_USER] = "user",
    [ENTRY_HOST] = "host",
    [ENTRY_URL] = "url",
};

void entry_fill(struct entry *entry, enum entry_field field, struct text value)
{
    if (entry->fields[field].size == 0)
        entry->fields[field] = value;
}

void entry_fill_time(struct entry *entry, struct text text, struct moment time)
{
    if (entry->has_time)
        return;
    entry->fields[ENTRY_TIMESTAMP] = text;
    entry->time = time;
    entry->has_time = true;
}

void entry_add_extras(struct entry *entry, const struct entry_extra *extras, size_t count,
                      struct arena *arena)
{
    struct entry_extra *all = arena_take(arena, (entry->extra_count + count) * sizeof(*all));
    size_t size = entry->extra_count;

    if (size > 0)
        memcpy(all, entry->extras, size * sizeof(*all));
    for (size_t i = 0; i < count; i++) {
        if (extras[i].value.size > 0)
            all[size++] = extras[i];
    }
    entry->extras = all;
    entry->extra_count = size;
}

struct text entry_get(const struct entry *entry, struct text path, struct arena *arena)
{
    for (size_t i = 0; i < ENTRY_FIELD_COUNT; i++) {
        if (entry->fields[i].size > 0 && text_is(path, entry_field_names[i]))
            return entry->fields[i];
    }
    if (entry->json) {
        yyjson_val *object = (yyjson_val *)(uintptr_t)entry->json; /* yyjson asks so; only read */
        struct text found = json_text(json_find(object, path), arena);

        if (found.size > 0)
            return found;
    }
    for (size_t i = 0; i < entry->extra_count; i++) {
        if (text_equal(entry->extras[i].name, path))
            return entry->extras[i].value;
    }
    return (struct text){NULL, 0};
}
