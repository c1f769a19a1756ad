/* settings_parts: what the files behind settings.h share. */
#pragma once

#include "base/arena.h"
#include "base/document.h"
#include "base/settings.h"

struct settings_file {
    const char *path;
    struct settings_file *next;
};

struct settings {
    struct arena *arena;     /* of all texts and lists */
    const char *name;        /* of the file, in errors */
    const struct node *root; /* of the file */
    struct settings_file *files;
};

/* What is wrong with a file, told whole: a reader goes on behind each mistake. */
struct settings_mistakes {
    struct settings_mistake {
        int line;         /* 0: of none */
        const char *text; /* file and line included */
    } items[20];
    size_t count; /* of all; those that find no room are only counted */
};

struct settings_reader {
    const char *name; /* of the file, in errors */
    struct arena *arena;
    settings_environment *environment; /* NULL: nothing is replaced */
    struct settings_mistakes *mistakes;
    struct settings_file *files; /* that secrets were read from */
};

/* settings_mistakes.c. Notes a mistake in @line (0: there is none) and returns -EINVAL. */
int settings_refuse(struct settings_reader *reader, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A line each, in the order of the file. */
void settings_mistakes_write(struct settings_mistakes *mistakes, struct buf *out);

/* A row and the struct that its offset speaks of. */
struct settings_place {
    const struct setting *row;
    char *into;
};

/* settings.c. Appends @rows to @places (NULL: only counts); returns the new count. */
size_t settings_places(const struct setting *rows, void *into, struct settings_place *places,
                       size_t count);

/* All rows of the section whose first entry is sections[@first], in memory of @arena; 0 if an
 * earlier entry is its first, or if it is another program's. */
size_t settings_section_places(const struct settings_section *sections, size_t count, size_t first,
                               struct arena *arena, struct settings_place **places);
/* Reads @map (NULL: nothing is given), called @key in errors, by the rows of @places. Like all that
 * read here it goes on behind a mistake, and is negative if there was one. */
int settings_table(struct settings_reader *reader, const struct settings_place *places,
                   size_t count, const char *key, const struct node *map);

/* settings_unknown.c. Refuses what no row of @places knows in @map, which is called @key. */
int settings_unknown(struct settings_reader *reader, const struct settings_place *places,
                     size_t count, const char *key, const struct node *map);
/* Refuses @word, a @what ("key", "section") in @line, and says which of @known was meant. */
int settings_unknown_word(struct settings_reader *reader, int line, const char *what,
                          struct text word, const char *const *known, size_t count);

/* settings_value.c. Reads @node, called @key, as @row says, to @into. */
int settings_value(struct settings_reader *reader, const struct setting *row, const char *key,
                   const struct node *node, void *into);
/* The same of the row's default; nothing is written where there is none. */
int settings_value_default(struct settings_reader *reader, const struct setting *row,
                           const char *key, void *into);
/* The secret in the file that @node names; left alone where it names none. */
int settings_value_file(struct settings_reader *reader, const char *key, const struct node *node,
                        const char **secret);

/* settings_number.c: whole numbers, durations and sizes as people write them, and back. */
bool settings_number_parse(enum setting_type type, struct text text, int64_t *value);
bool settings_number_parse_double(struct text text, double *value);
void settings_number_write(enum setting_type type, int64_t value, struct buf *out);

/* settings_allowed.c: "a whole number from 1 to 65535": what errors and documentation say. */
void settings_allowed(const struct setting *row, struct buf *out);
bool settings_allowed_bounds(const struct setting *row, double value);

/* settings_variant.c: LISTs whose maps are of several kinds.
 * The kind that @map, called @key, says it is; false with the error set. */
bool settings_variant_read(struct settings_reader *reader, const struct setting *list,
                           const char *key, const struct node *map,
                           struct setting_variant *variant);
/* The kind of an item that was read, and its struct. */
void *settings_variant_of(const struct setting *list, const void *item,
                          struct setting_variant *variant);

/* The rows of an item, and those of its kind (without one: all zero), each with its struct. */
size_t settings_variant_places(const struct setting *list, void *item,
                               const struct setting_variant *variant, void *of_variant,
                               struct arena *arena, struct settings_place **places);

/* settings_expand.c. @node's text with ${NAME} replaced. False with the error set. */
bool settings_expand(struct settings_reader *reader, const char *key, const struct node *node,
                     struct text *text);
