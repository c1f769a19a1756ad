/* source_unit: a source with no more settings than a test names. */
#pragma once

#include "unit.h"

#include "detector/source.h"

static inline struct source *unit_source(const struct source_settings *settings)
{
    struct error err = {0};
    struct source *source = source_new(settings, &err);

    if (!source)
        fail_msg("%s", err.text);
    return source;
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
