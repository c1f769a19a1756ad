/* settings: one YAML file, described by tables, checked before anything starts.
 *
 * A section of the file (`kafka`, `detector`, …) is a table of rows that says for each key its
 * type, bounds, default and meaning, and where in a struct its value goes. From the same table come
 * the reading, the checks, --print-config and the documentation. `${NAME}` and `${NAME:-default}`
 * are replaced from the environment inside scalars, `$${` is a plain `${`. A value that is empty,
 * or becomes so, counts as absent. A SECRET `x` may be given as `x_file`: the value is then that
 * file's content without its last line end. An unknown key, a wrong type, a value out of bounds and
 * what a row's own check refuses are errors, with file, line, key, what was found and what is
 * allowed.
 *
 * Reads files; never the environment itself (the caller hands in how).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"

enum setting_type {
    SETTING_TEXT,      /* const char * */
    SETTING_SECRET,    /* const char *; printed as *** */
    SETTING_URL,       /* const char *; http or https */
    SETTING_INTEGER,   /* int64_t */
    SETTING_NUMBER,    /* double */
    SETTING_BOOLEAN,   /* bool */
    SETTING_DURATION,  /* int64_t, milliseconds; written 250ms, 25s, 5m, 1h, 7d */
    SETTING_SIZE,      /* int64_t, bytes; written 512, 64KiB, 1MiB, 4GiB */
    SETTING_CHOICE,    /* int: index into choices */
    SETTING_TEXT_LIST, /* struct text_list; one scalar is a list of one */
    SETTING_TEXT_MAP,  /* struct text_map */
    SETTING_LIST,      /* struct setting_list: maps, each by its own rows */
};

struct text_list {
    const char **items;
    size_t count;
};

struct text_map {
    const char **names;
    const char **values;
    size_t count;
};

struct setting_list {
    void *rows; /* array of the struct that the rows' offsets speak of */
    size_t count;
};

struct setting;

/* One kind of a LIST's maps: what more they may hold when their key `type` has this name. */
struct setting_variant {
    const char *name;
    const struct setting *rows;
    size_t size; /* of the struct that those rows fill */
};

/* Tables end with a row without a name. */
struct setting {
    const char *name; /* dots are nested maps: "shutdown.timeout" */
    enum setting_type type;
    bool required;
    size_t offset;        /* of the value in the section's struct */
    const char *fallback; /* as a user would write it; lists: items joined by commas; NULL: absent
                             (NULL, 0, false or empty) */
    const char *help;
    double minimum, maximum; /* of numbers, durations (ms), sizes (bytes), and length of lists; both
                                0: unbounded */
    const char *const *choices; /* ended by NULL */
    /* Optional, of a TEXT, each text of a TEXT_LIST and each pair of a TEXT_MAP (of the others
     * @name is NULL): refuses @value with what was found and what would be right. */
    int (*check)(const char *name, const char *value, struct error *err);
    const struct setting *rows; /* of a LIST */
    size_t row_size;
    /* Of a LIST whose maps are of several kinds: the @i-th, false behind the last. Its rows have a
     * required TEXT `type`; the struct of its kind is put to a pointer at variant_offset. */
    bool (*variant)(size_t i, struct setting_variant *variant);
    size_t variant_offset;
    /* Optional, of a LIST: refuses the @i-th of its maps for what no row alone can see. Its own
     * values are good; those of earlier maps may be absent where they had mistakes. */
    int (*check_item)(const void *rows, size_t i, struct error *err);
};

/* One section of the file, or a part of it: entries of the same name are one section, each with
 * rows and a struct of its own. A section whose entries all have no struct belongs to another
 * program and is passed over. */
struct settings_section {
    const char *name;
    const struct setting *rows;
    void *into; /* the struct to fill */
};

struct settings;

typedef const char *settings_environment(const char *name); /* NULL: not set */

/* Reads @path into the sections' structs; texts live as long as the result. NULL with @err filled
 * in, and then the structs are not to be used: of several mistakes it tells the first, and how many
 * more there are. Without a file (@path NULL) everything has its default. */
struct settings *settings_load(const char *path, const struct settings_section *sections,
                               size_t count, settings_environment *environment, struct error *err);

/* The same from memory, @name in errors. */
struct settings *settings_parse(const char *name, struct text bytes,
                                const struct settings_section *sections, size_t count,
                                settings_environment *environment, struct error *err);

/* Both for who can show it all: each mistake is a line of @mistakes, in the order of the file, 20
 * at most and then how many more. What is no YAML is told up to its first mistake. */
struct settings *settings_load_all(const char *path, const struct settings_section *sections,
                                   size_t count, settings_environment *environment,
                                   struct buf *mistakes);
struct settings *settings_parse_all(const char *name, struct text bytes,
                                    const struct settings_section *sections, size_t count,
                                    settings_environment *environment, struct buf *mistakes);
void settings_free(struct settings *settings);

/* For what is only wrong beside another section. The line of @key, as
 * "detector.sources[0].topics[1]" (0: it is not given); and a line of @mistakes that says where
 * @key stands and what is wrong. */
int settings_line(const struct settings *settings, const char *key);
void settings_mistake(const struct settings *settings, struct buf *mistakes, const char *key,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The files that its secrets were read from, for who wants to know when they change; NULL behind
 * the last. */
const char *settings_secret_file(const struct settings *settings, size_t i);
AUTO_FREE(settings)

/* Is what a TEXT_MAP has under @name a secret? By what librdkafka and plugins call theirs. */
bool settings_is_secret(struct text name);

/* The effective settings as YAML that settings_parse() would read, secrets as ***. */
void settings_print(const struct settings_section *sections, size_t count, struct buf *out);

/* The tables of those sections as Markdown, for docs/settings.md. */
void settings_document(const struct settings_section *sections, size_t count, struct buf *out);
