/* entry: one log, whatever its format, as rules see it.
 *
 * The normalised fields of docs/logs.md by index, every other field by its path. All texts are
 * borrowed: from the log's own bytes or from the arena it was parsed in.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/moment.h"
#include "base/text.h"

enum entry_field {
    ENTRY_TIMESTAMP,
    ENTRY_MESSAGE,
    ENTRY_SOURCE_IP,
    ENTRY_TARGET_IP,
    ENTRY_USER_AGENT,
    ENTRY_USER,
    ENTRY_HOST,
    ENTRY_URL,
    ENTRY_FIELD_COUNT
};

struct entry_extra {
    struct text name;
    struct text value;
};

struct entry {
    struct text raw;                       /* the log as it came */
    struct text fields[ENTRY_FIELD_COUNT]; /* empty: the log has none */
    struct moment time;                    /* of the log itself */
    bool has_time;                         /* false: it says none that can be read */
    struct text tenant;                    /* "default" unless the source says otherwise */
    bool has_bad_utf8;                     /* a JSON log that holds bytes which are not UTF-8 */
    const void *json;                      /* yyjson_val *: the whole object, if the log is JSON;
                                              numbers in it are raw, as they were written */
    const struct entry_extra *extras; /* what other formats hold besides (status, program, …) */
    size_t extra_count;
    bool is_partial;  /* only the message is there yet: source_parse_rest() brings the others */
    int64_t kafka_ms; /* for that */
};

/* "timestamp", "message", "source_ip", … */
extern const char *const entry_field_names[ENTRY_FIELD_COUNT];

/* A normalised field by its name, else a log field by its path: dots reach into objects, a literal
 * dotted key works too. Numbers and booleans come as JSON writes them, objects and lists as JSON
 * text, made in @arena. Empty where there is none. */
struct text entry_get(const struct entry *entry, struct text path, struct arena *arena);

/* For formats: each adds what the entry has not got yet. */
void entry_fill(struct entry *entry, enum entry_field field, struct text value);
void entry_fill_time(struct entry *entry, struct text text, struct moment time);
/* Copies into @arena those that are not empty; their texts are borrowed. */
void entry_add_extras(struct entry *entry, const struct entry_extra *extras, size_t count,
                      struct arena *arena);
