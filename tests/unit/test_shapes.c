/* tests/data/shapes: what shippers write into Kafka unless they are told otherwise, one file each.
 * `documentation` says where that is written down, `log` or `line` is the log, `want` what the
 * entry must say; `time` in it is the time in UTC. */
#include "source_unit.h"

#include <dirent.h>
#include <stdlib.h>

#include <yyjson.h>

static const int64_t near_ms = 1769867736250; /* 2026-01-31T13:55:36.250Z */

static void check_time(const char *name, const struct entry *entry, const char *want)
{
    AUTO_BUF time = {0};

    if (!entry->has_time)
        fail_msg("%s: no time", name);
    moment_write(entry->time.ms, &time);
    unit_text(name, buf_text(&time), want);
}

static void check_fields(const char *name, const struct entry *entry, yyjson_val *want,
                         struct arena *arena)
{
    size_t i, count;
    yyjson_val *key, *value;

    yyjson_obj_foreach(want, i, count, key, value)
    {
        const char *path = yyjson_get_str(key);
        struct text got = entry_get(entry, text_of(path), arena);

        if (strcmp(path, "time") == 0)
            check_time(name, entry, yyjson_get_str(value));
        else if (!text_is(got, yyjson_get_str(value)))
            fail_msg("%s: %s is '%.*s', want '%s'", name, path, TEXT_ARG(got),
                     yyjson_get_str(value));
    }
}

static void check_shape(const char *name, yyjson_val *shape, const struct source *source)
{
    AUTO(arena) arena = arena_new(1 << 16);
    yyjson_val *line = yyjson_obj_get(shape, "line");
    char *json = line ? NULL : yyjson_val_write(yyjson_obj_get(shape, "log"), 0, NULL);
    struct entry entry;
    struct error err = {0};

    struct text log = text_of(line ? yyjson_get_str(line) : json);

    if (source_parse(source, log, near_ms, arena, &entry, &err) < 0)
        fail_msg("%s: %s", name, err.text);
    check_fields(name, &entry, yyjson_obj_get(shape, "want"), arena);
    unit_two_steps(name, source, log, near_ms, &entry, 0);
    free(json);
}

static void every_shipper_s_default_shape_works_without_a_mapping(void **state)
{
    static const char folder_name[] = HAECHI_SOURCE "/tests/data/shapes";
    const struct source_settings settings = {.format = SOURCE_AUTO};
    AUTO(source) source = unit_source(&settings);
    DIR *folder = opendir(folder_name);
    int count = 0;

    (void)state;
    assert_non_null(folder);
    for (struct dirent *item; (item = readdir(folder));) {
        AUTO_BUF path = {0};

        if (item->d_name[0] == '.')
            continue;
        buf_addf(&path, "%s/%s", folder_name, item->d_name);
        yyjson_doc *doc = yyjson_read_file(buf_string(&path), 0, NULL, NULL);

        if (!doc)
            fail_msg("%s: not JSON", item->d_name);
        check_shape(item->d_name, yyjson_doc_get_root(doc), source);
        yyjson_doc_free(doc);
        count++;
    }
    closedir(folder);
    assert_true(count >= 15);
}

UNIT_MAIN(cmocka_unit_test(every_shipper_s_default_shape_works_without_a_mapping))
