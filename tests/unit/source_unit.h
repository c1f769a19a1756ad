/* source_unit: a source with no more settings than a test names. */
#pragma once

#include "unit.h"

#include "detector/detect.h"
#include "detector/source.h"

#define UNIT_KAFKA_MS INT64_C(1769785200000) /* Friday 2026-01-30T15:00:00Z */

/* Where a log of a test stood; it is handled 5 ms after it came. */
static inline struct detect_origin unit_origin(void)
{
    return (struct detect_origin){.cluster = TEXT("cluster"),
                                  .topic = TEXT("logs"),
                                  .partition = 3,
                                  .offset = 42,
                                  .kafka_ms = UNIT_KAFKA_MS,
                                  .now_ms = UNIT_KAFKA_MS + 5};
}

static inline struct source *unit_source(const struct source_settings *settings)
{
    struct error err = {0};
    struct source *source = source_new(settings, &err);

    if (!source)
        fail_msg("%s", err.text);
    return source;
}

/* Parsed in two steps, a log must come to what it comes to in one. */
static inline void unit_two_steps(const char *name, const struct source *source, struct text log,
                                  int64_t kafka_ms, const struct entry *whole, int want)
{
    AUTO(arena) arena = arena_new(1 << 16);
    struct error err = {0};
    struct entry entry;
    int status = source_parse_message(source, log, kafka_ms, arena, &entry, &err);

    if (status != want)
        fail_msg("%s: the message alone: status %d, want %d", name, status, want);
    if (status < 0)
        return;
    if (!text_equal(entry.fields[ENTRY_MESSAGE], whole->fields[ENTRY_MESSAGE]))
        fail_msg("%s: the message alone is '%.*s'", name, TEXT_ARG(entry.fields[ENTRY_MESSAGE]));
    source_parse_rest(source, arena, &entry);
    for (size_t i = 0; i < ENTRY_FIELD_COUNT; i++) {
        if (!text_equal(entry.fields[i], whole->fields[i]))
            fail_msg("%s: in two steps %s is '%.*s', want '%.*s'", name, entry_field_names[i],
                     TEXT_ARG(entry.fields[i]), TEXT_ARG(whole->fields[i]));
    }
    for (size_t i = 0; i < whole->extra_count; i++)
        assert_true(text_equal(entry.extras[i].value, whole->extras[i].value));
    assert_int_equal(entry.extra_count, whole->extra_count);
    assert_int_equal(entry.has_time, whole->has_time);
    assert_int_equal(entry.time.ms, whole->time.ms);
    assert_int_equal(entry.time.offset_minutes, whole->time.offset_minutes);
    assert_int_equal(entry.has_bad_utf8, whole->has_bad_utf8);
    assert_int_equal(!entry.json, !whole->json);
    assert_false(entry.is_partial);
    assert_true(text_equal(entry.tenant, whole->tenant));
    assert_true(text_equal(entry.raw, whole->raw));
}

/* Compares what @entry says with @want: "path=value" a line, of which an empty value means none. */
static inline void unit_entry(const char *name, const struct entry *entry, const char *want,
                              struct arena *arena)
{
    struct text rest = text_of(want), line;

    while (text_split(&rest, '\n', &line)) {
        size_t equals = text_find_byte(line, '=');
        struct text path = text_slice(line, 0, equals);
        struct text value = text_slice(line, equals + 1, line.size);
        struct text got = entry_get(entry, path, arena);

        if (!text_equal(got, value))
            fail_msg("%s: %.*s is '%.*s', want '%.*s'", name, TEXT_ARG(path), TEXT_ARG(got),
                     TEXT_ARG(value));
    }
}
