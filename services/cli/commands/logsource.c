#include "cli/commands/logsource.h"

#include <errno.h>

#include "detector/source.h"

const char *const logsource_formats[] = {
    [SOURCE_AUTO] = "auto",     [SOURCE_JSON] = "json",   [SOURCE_CLF] = "clf",
    [SOURCE_SYSLOG] = "syslog", [SOURCE_PLAIN] = "plain", NULL};

int logsource_parse(const struct text_list *items, struct arena *arena, struct text_map *map,
                    struct error *err)
{
    map->names = arena_zero(arena, (items->count + 1) * sizeof(*map->names));
    map->values = arena_zero(arena, (items->count + 1) * sizeof(*map->values));
    for (size_t i = 0; i < items->count; i++) {
        struct text value = text_of(items->items[i]), name;

        text_split(&value, '=', &name);
        if (!value.size || !name.size)
            return error_set(err, -EINVAL,
                             "--logsource is '%.60s'; it may be product=…, "
                             "category=… or service=…",
                             items->items[i]);
        map->names[i] = arena_textf(arena, "%.*s", TEXT_ARG(name)).bytes;
        map->values[i] = value.bytes;
        map->count++;
    }
    return 0;
}
