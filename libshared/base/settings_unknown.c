/* What stands in the file and in no table. */
#include <errno.h>

#include "base/settings_parts.h"

static bool is_repeated(const char *const *words, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (text_is(text_of(words[k]), words[i]))
            return true;
    }
    return false;
}

int settings_unknown_word(struct settings_reader *reader, int line, const char *what,
                          struct text word, const char *const *known, size_t count)
{
    const char *meant = document_nearest(word, known, count);
    AUTO_BUF list = {0};

    word = text_cut(word, 80);
    if (meant)
        return settings_refuse(reader, line, "unknown %s '%.*s'; did you mean '%s'?", what,
                               TEXT_ARG(word), meant);
    for (size_t i = 0; i < count; i++) {
        if (!is_repeated(known, i))
            buf_addf(&list, "%s%s", i > 0 ? ", " : "", known[i]);
    }
    return settings_refuse(reader, line, "unknown %s '%.*s'; known are: %s", what, TEXT_ARG(word),
                           buf_string(&list));
}

struct level {
    struct settings_reader *reader;
    const struct settings_place *places;
    size_t count;
    const char *key; /* of the table: "detector.sources[0]" */
};

/* What a row is called below @prefix ("shutdown."): NULL if it does not lie there. */
static const char *below(const struct setting *row, struct text prefix)
{
    return text_starts(text_of(row->name), prefix) ? row->name + prefix.size : NULL;
}

/* The words that may stand below @prefix. */
static size_t known_words(const struct level *level, struct text prefix, const char **words)
{
    size_t known = 0;

    for (size_t i = 0; i < level->count; i++) {
        const char *name = below(level->places[i].row, prefix);

        if (name)
            words[known++] = arena_textf(level->reader->arena, "%.*s",
                                         (int)text_find_byte(text_of(name), '.'), name)
                                 .bytes;
    }
    return known;
}

static int refuse(const struct level *level, struct text prefix, const struct node_pair *pair)
{
    struct settings_reader *reader = level->reader;
    const char **words = arena_take(reader->arena, (level->count + 1) * sizeof(char *));
    size_t known = known_words(level, prefix, words);
    struct text full =
        arena_textf(reader->arena, "%s.%.*s%s", level->key, TEXT_ARG(prefix), pair->key.bytes);
    size_t dot = text_find_byte(pair->key, '.');

    if (dot < pair->key.size && dot > 0)
        return settings_refuse(reader, pair->line,
                               "unknown key '%.*s'; dots are levels here: write '%.*s:' and below "
                               "it, indented, '%s:'",
                               TEXT_ARG(text_cut(full, 80)), (int)dot, pair->key.bytes,
                               pair->key.bytes + dot + 1);
    const char *meant = document_nearest(pair->key, words, known);

    if (meant)
        return settings_refuse(reader, pair->line, "unknown key '%.*s'; did you mean '%s'?",
                               TEXT_ARG(text_cut(full, 80)), meant);
    return settings_unknown_word(reader, pair->line, "key", full, words, known);
}

enum match { NOTHING, LEAF, BRANCH };

static enum match find(const struct level *level, struct text prefix, struct text key)
{
    bool is_branch = false;

    for (size_t i = 0; i < level->count; i++) {
        const struct setting *row = level->places[i].row;
        struct text name = text_of(below(row, prefix));

        if (text_equal(name, key) ||
            (row->type == SETTING_SECRET && text_starts(key, name) && name.size > 0 &&
             text_is(text_slice(key, name.size, key.size), "_file")))
            return LEAF;
        if (name.size > key.size && text_starts(name, key) && name.bytes[key.size] == '.')
            is_branch = true;
    }
    return is_branch ? BRANCH : NOTHING;
}

static int check(const struct level *level, struct text prefix, const struct node *map);

static int check_pair(const struct level *level, struct text prefix, const struct node_pair *pair)
{
    enum match match =
        text_find_byte(pair->key, '.') < pair->key.size ? NOTHING : find(level, prefix, pair->key);
    char found[100];

    if (match == NOTHING)
        return refuse(level, prefix, pair);
    if (match == LEAF || pair->value.kind == NODE_NULL)
        return 0;
    struct text deeper =
        arena_textf(level->reader->arena, "%.*s%s.", TEXT_ARG(prefix), pair->key.bytes);

    if (pair->value.kind == NODE_MAP)
        return check(level, deeper, &pair->value);
    return settings_refuse(
        level->reader, pair->value.line, "%s.%.*s is %s; it must be a map of keys", level->key,
        (int)deeper.size - 1, deeper.bytes, document_describe(&pair->value, found, sizeof(found)));
}

static int check(const struct level *level, struct text prefix, const struct node *map)
{
    int status = 0;

    for (size_t i = 0; i < map->count; i++) {
        if (check_pair(level, prefix, &map->pairs[i]) < 0)
            status = -EINVAL;
    }
    return status;
}

int settings_unknown(struct settings_reader *reader, const struct settings_place *places,
                     size_t count, const char *key, const struct node *map)
{
    const struct level level = {reader, places, count, key};

    return check(&level, TEXT(""), map);
}
