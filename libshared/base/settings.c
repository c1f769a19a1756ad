#include "base/settings.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mistakes.h"
#include "base/settings_parts.h"

enum { SETTINGS_FILE_BYTES = 4 << 20 };

size_t settings_places(const struct setting *rows, void *into, struct settings_place *places,
                       size_t count)
{
    for (const struct setting *row = rows; row && row->name; row++, count++) {
        if (places)
            places[count] = (struct settings_place){row, into};
    }
    return count;
}

/* The node at a dotted name; NULL where there is none. */
static const struct node *find(const struct node *map, const char *name, struct arena *arena)
{
    struct text rest = text_of(name), word;

    while (map && text_split(&rest, '.', &word))
        map = document_get(map, arena_textf(arena, "%.*s", TEXT_ARG(word)).bytes);
    return map;
}

static int read_file_of_secret(struct settings_reader *reader, const struct node *map,
                               const struct setting *row, const char *key, const char **secret)
{
    const char *name = arena_textf(reader->arena, "%s_file", row->name).bytes;
    const char *full = arena_textf(reader->arena, "%s_file", key).bytes;
    const struct node *node = find(map, name, reader->arena);
    const char *content = NULL;

    if (!node)
        return 0;
    if (settings_value_file(reader, full, node, &content) < 0)
        return -EINVAL;
    if (content && *secret)
        return settings_refuse(reader, node->line,
                               "%s and %s are both given; one of them is enough", key, full);
    if (content)
        *secret = content;
    return 0;
}

static bool is_missing(const struct setting *row, const struct node *node, const void *value)
{
    if (row->type == SETTING_TEXT || row->type == SETTING_SECRET || row->type == SETTING_URL)
        return !*(const char *const *)value;
    return !row->fallback && (!node || node->kind == NODE_NULL);
}

static int refuse_missing(struct settings_reader *reader, const struct setting *row,
                          const char *key, const struct node *map)
{
    AUTO_BUF allowed = {0};

    settings_allowed(row, &allowed);
    return settings_refuse(reader, map ? map->line : 0, "%s is missing; it must be %s", key,
                           buf_string(&allowed));
}

static int read_row(struct settings_reader *reader, const struct settings_place *place,
                    const char *table, const struct node *map)
{
    const struct setting *row = place->row;
    const char *key = arena_textf(reader->arena, "%s.%s", table, row->name).bytes;
    const struct node *node = find(map, row->name, reader->arena);
    void *value = place->into + row->offset;
    int status = node && node->kind != NODE_NULL ? settings_value(reader, row, key, node, value)
                                                 : settings_value_default(reader, row, key, value);

    if (status < 0)
        return status;
    if (row->type == SETTING_SECRET && read_file_of_secret(reader, map, row, key, value) < 0)
        return -EINVAL;
    return row->required && is_missing(row, node, value) ? refuse_missing(reader, row, key, map)
                                                         : 0;
}

int settings_table(struct settings_reader *reader, const struct settings_place *places,
                   size_t count, const char *key, const struct node *map)
{
    int status = count > 0 && map ? settings_unknown(reader, places, count, key, map) : 0;

    for (size_t i = 0; i < count; i++) {
        if (read_row(reader, &places[i], key, map) < 0)
            status = -EINVAL;
    }
    return status;
}

size_t settings_section_places(const struct settings_section *sections, size_t count, size_t first,
                               struct arena *arena, struct settings_place **places)
{
    size_t total = 0;

    *places = NULL;
    for (size_t i = 0; i < first; i++) {
        if (text_is(text_of(sections[i].name), sections[first].name))
            return 0;
    }
    for (size_t i = first; i < count; i++)
        total = settings_places(sections[i].rows, NULL, NULL, total);
    *places = arena_take(arena, (total + 1) * sizeof(**places));
    total = 0;
    for (size_t i = first; i < count; i++) {
        if (sections[i].into && text_is(text_of(sections[i].name), sections[first].name))
            total = settings_places(sections[i].rows, sections[i].into, *places, total);
    }
    return total;
}

/* Every section of the file has to be known and a map. */
static void check_sections(struct settings_reader *reader, const struct settings_section *sections,
                           size_t count, const struct node *root)
{
    const char **names = arena_take(reader->arena, (count + 1) * sizeof(char *));
    char found[100];

    for (size_t i = 0; i < count; i++)
        names[i] = sections[i].name;
    for (size_t i = 0; i < root->count; i++) {
        const struct node_pair *pair = &root->pairs[i];
        size_t k = 0;

        while (k < count && !text_is(pair->key, names[k]))
            k++;
        if (k == count)
            settings_unknown_word(reader, pair->line, "section", pair->key, names, count);
        else if (pair->value.kind != NODE_MAP && pair->value.kind != NODE_NULL)
            settings_refuse(reader, pair->value.line,
                            "section '%s' is %s; it must be a map of keys", names[k],
                            document_describe(&pair->value, found, sizeof(found)));
    }
}

static void read_root(struct settings_reader *reader, const struct settings_section *sections,
                      size_t count, const struct node *root)
{
    char found[100];

    if (root->kind != NODE_MAP && root->kind != NODE_NULL) {
        settings_refuse(reader, root->line, "the file is %s; it must be a map of sections",
                        document_describe(root, found, sizeof(found)));
        return;
    }
    check_sections(reader, sections, count, root);
    for (size_t i = 0; i < count; i++) {
        struct settings_place *places;
        size_t total = settings_section_places(sections, count, i, reader->arena, &places);
        const struct node *map = document_get(root, sections[i].name);

        if (!map || map->kind == NODE_MAP || map->kind == NODE_NULL)
            settings_table(reader, places, total, sections[i].name, map);
    }
}

void settings_free(struct settings *settings)
{
    if (!settings)
        return;
    arena_free(settings->arena);
    free(settings);
}

static struct settings *settings_new(void)
{
    struct settings *settings = mem_zero(sizeof(*settings));

    settings->arena = arena_new(16384);
    return settings;
}

struct settings *settings_parse_all(const char *name, struct text bytes,
                                    const struct settings_section *sections, size_t count,
                                    settings_environment *environment, struct buf *mistakes)
{
    AUTO(settings) settings = settings_new();
    struct settings_mistakes found = {0};
    struct settings_reader reader = {
        .name = name, .arena = settings->arena, .environment = environment, .mistakes = &found};
    struct error err = {0};
    const struct node *root = document_parse(settings->arena, name, bytes, &err);

    if (!root) {
        buf_addf(mistakes, "%s\n", err.text);
        return NULL;
    }
    read_root(&reader, sections, count, root);
    settings->name = arena_textf(settings->arena, "%s", name).bytes;
    settings->root = root;
    settings->files = reader.files;
    if (found.count == 0)
        return TAKE(settings);
    settings_mistakes_write(&found, mistakes);
    return NULL;
}

struct settings *settings_load_all(const char *path, const struct settings_section *sections,
                                   size_t count, settings_environment *environment,
                                   struct buf *mistakes)
{
    AUTO(arena) arena = arena_new(16384);
    struct text bytes = TEXT("");
    struct error err = {0};

    if (path && !path[0]) {
        buf_add_string(mistakes, "the name of the settings file is empty\n");
        return NULL;
    }
    if (path && document_read_bytes(arena, path, SETTINGS_FILE_BYTES, &bytes, &err) < 0) {
        buf_addf(mistakes, "%s\n", err.text);
        return NULL;
    }
    return settings_parse_all(path ? path : "without a settings file", bytes, sections, count,
                              environment, mistakes);
}

struct settings *settings_parse(const char *name, struct text bytes,
                                const struct settings_section *sections, size_t count,
                                settings_environment *environment, struct error *err)
{
    AUTO_BUF mistakes = {0};
    struct settings *settings =
        settings_parse_all(name, bytes, sections, count, environment, &mistakes);

    if (!settings)
        mistakes_first(&mistakes, err);
    return settings;
}

const char *settings_secret_file(const struct settings *settings, size_t i)
{
    const struct settings_file *file = settings->files;

    while (file && i-- > 0)
        file = file->next;
    return file ? file->path : NULL;
}

struct settings *settings_load(const char *path, const struct settings_section *sections,
                               size_t count, settings_environment *environment, struct error *err)
{
    AUTO_BUF mistakes = {0};
    struct settings *settings = settings_load_all(path, sections, count, environment, &mistakes);

    if (!settings)
        mistakes_first(&mistakes, err);
    return settings;
}
