/* Lists whose maps are of several kinds, told apart by their key `type`. */
#include <errno.h>

#include "base/settings_parts.h"

static const struct setting *type_row(const struct setting *list)
{
    const struct setting *row = list->rows;

    while (strcmp(row->name, "type") != 0)
        row++;
    return row;
}

static bool find(const struct setting *list, struct text name, struct setting_variant *variant)
{
    for (size_t i = 0; list->variant(i, variant); i++) {
        if (text_is(name, variant->name))
            return true;
    }
    return false;
}

static const char **names(const struct setting *list, struct arena *arena, size_t *count)
{
    struct setting_variant variant;

    *count = 0;
    while (list->variant(*count, &variant))
        (*count)++;
    const char **all = arena_take(arena, (*count + 1) * sizeof(*all));

    for (size_t i = 0; list->variant(i, &variant); i++)
        all[i] = variant.name;
    return all;
}

static bool refuse_missing(struct settings_reader *reader, const struct setting *list,
                           const char *key, const struct node *map)
{
    AUTO_BUF known = {0};
    size_t count;
    const char **all = names(list, reader->arena, &count);

    for (size_t i = 0; i < count; i++)
        buf_addf(&known, "%s%s", i > 0 ? ", " : "", all[i]);
    settings_refuse(reader, map->line, "%s.type is missing; it must be one of %s", key,
                    buf_string(&known));
    return false;
}

bool settings_variant_read(struct settings_reader *reader, const struct setting *list,
                           const char *key, const struct node *map, struct setting_variant *variant)
{
    const struct node *node = document_get(map, "type");
    const char *full = arena_textf(reader->arena, "%s.type", key).bytes;
    const char *type = NULL;
    size_t count;

    if (node && settings_value(reader, type_row(list), full, node, &type) < 0)
        return false;
    if (!type)
        return refuse_missing(reader, list, key, map);
    if (find(list, text_of(type), variant))
        return true;
    const char **all = names(list, reader->arena, &count);

    settings_unknown_word(reader, node->line, "type", text_of(type), all, count);
    return false;
}

void *settings_variant_of(const struct setting *list, const void *item,
                          struct setting_variant *variant)
{
    const char *const *type = (const void *)((const char *)item + type_row(list)->offset);
    void *const *into = (const void *)((const char *)item + list->variant_offset);

    return find(list, text_of(*type), variant) ? *into : NULL;
}

size_t settings_variant_places(const struct setting *list, void *item,
                               const struct setting_variant *variant, void *of_variant,
                               struct arena *arena, struct settings_place **places)
{
    size_t own = settings_places(list->rows, NULL, NULL, 0);
    size_t count = settings_places(variant->rows, NULL, NULL, own);

    *places = arena_take(arena, (count + 1) * sizeof(**places));
    settings_places(list->rows, item, *places, 0);
    settings_places(variant->rows, of_variant, *places, own);
    return count;
}
