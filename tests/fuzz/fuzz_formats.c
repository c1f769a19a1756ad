/* Whatever a topic holds, reading it as any format must not crash, leak or hang, and every field of
 * the result must be readable. The first byte picks the format. */
#include "base/mem.h"
#include "detector/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct entry *entry, struct arena *arena)
{
    static const char *const paths[] = {"message", "a.b.c", "host.name", "status", "", "."};
    AUTO_BUF out = {0};

    for (size_t i = 0; i < COUNT_OF(paths); i++)
        buf_add_json(&out, entry_get(entry, text_of(paths[i]), arena));
    for (size_t i = 0; i < ENTRY_FIELD_COUNT; i++)
        buf_add_json(&out, entry->fields[i]);
    for (size_t i = 0; i < entry->extra_count; i++) {
        buf_add_json(&out, entry->extras[i].name);
        buf_add_json(&out, entry->extras[i].value);
    }
    if (entry->has_time)
        moment_write(entry->time.ms, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *names[] = {"message", "host"}, *paths[] = {"a.b", "a.b.c"};
    struct source_settings settings = {
        .tenant_field = "a.b", .timezone = "Asia/Seoul", .fields = {names, paths, COUNT_OF(names)}};

    if (size == 0)
        return 0;
    settings.format = data[0] % (SOURCE_PLAIN + 1);

    AUTO(source) source = source_new(&settings, NULL);
    AUTO(arena) arena = arena_new(4096);
    struct text log = {(const char *)data + 1, size - 1};
    struct entry entry;
    struct error err;

    for (int64_t kafka_ms = -1; kafka_ms < 1769867736250; kafka_ms += 1769867736250) {
        if (source_parse(source, log, kafka_ms, arena, &entry, &err) == 0)
            read_all(&entry, arena);
    }
    return 0;
}
