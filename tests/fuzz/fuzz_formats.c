/* Whatever a topic holds, reading it as any format must not crash, leak or hang, every field of the
 * result must be readable, and it must be the same in one step and in two. The first byte picks the
 * format. */
#include <stdlib.h>

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

static void read_in_two_steps(const struct source *source, struct text log, int64_t kafka_ms,
                              const struct entry *whole, int status, struct arena *arena)
{
    struct entry entry;
    struct error err;

    if (source_parse_message(source, log, kafka_ms, arena, &entry, &err) != status)
        abort();
    if (status < 0)
        return;
    if (!text_equal(entry.fields[ENTRY_MESSAGE], whole->fields[ENTRY_MESSAGE]))
        abort();
    source_parse_rest(source, arena, &entry);
    for (size_t i = 0; i < ENTRY_FIELD_COUNT; i++) {
        if (!text_equal(entry.fields[i], whole->fields[i]))
            abort();
    }
    if (entry.extra_count != whole->extra_count || entry.time.ms != whole->time.ms ||
        !text_equal(entry.tenant, whole->tenant))
        abort();
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
        int status = source_parse(source, log, kafka_ms, arena, &entry, &err);

        if (status == 0)
            read_all(&entry, arena);
        read_in_two_steps(source, log, kafka_ms, &entry, status, arena);
    }
    return 0;
}
