#include "correlator/actions.h"

#include <errno.h>
#include <stdlib.h>

enum { LANGUAGES = 2 };

const char *const actions_languages[] = {[ACTIONS_EN] = "en", [ACTIONS_KO] = "ko", NULL};

struct row {
    struct text word; /* of the event type; empty: by severity */
    int severity;     /* enum threat_level, or -1 */
    struct correlation_texts texts[LANGUAGES];
};

struct actions {
    struct arena *arena;
    struct row *rows; /* owned */
    size_t count, capacity;
};

struct actions *actions_new(void)
{
    struct actions *actions = mem_zero(sizeof(*actions));

    actions->arena = arena_new(4096);
    return actions;
}

void actions_free(struct actions *actions)
{
    if (!actions)
        return;
    arena_free(actions->arena);
    free(actions->rows);
    free(actions);
}

static int add_row(struct actions *actions, const struct reading *reading,
                   const struct node_pair *pair, bool is_severity, struct error *err)
{
    static const struct reading_key languages[] = {{"en", NULL}, {"ko", NULL}, {0}};
    struct row row = {.word = is_severity ? TEXT("") : pair->key, .severity = -1};
    enum threat_level level;

    if (is_severity) {
        if (!event_level_parse(pair->key, &level))
            return reading_refuse(reading, pair->line, err,
                                  "severity has '%.*s'; it may be LOW, MEDIUM, HIGH or CRITICAL",
                                  TEXT_ARG(text_cut(pair->key, 60)));
        row.severity = (int)level;
    }
    if (reading_keys(reading, &pair->value, "a row of actions", languages, err) < 0)
        return -EINVAL;
    for (size_t i = 0; i < LANGUAGES; i++) {
        const struct node *node = document_get(&pair->value, actions_languages[i]);

        if (node && reading_texts(reading, node, actions_languages[i], &row.texts[i].items,
                                  &row.texts[i].count, err) < 0)
            return -EINVAL;
    }
    actions->rows =
        mem_grow(actions->rows, actions->count, &actions->capacity, sizeof(*actions->rows));
    actions->rows[actions->count++] = row;
    return 0;
}

static int add_rows(struct actions *actions, const struct reading *reading, const struct node *map,
                    bool is_severity, struct error *err)
{
    const char *key = is_severity ? "severity" : "event_type";

    if (!map)
        return 0;
    if (map->kind != NODE_MAP || map->count > CORRELATION_MAX_ITEMS)
        return reading_refuse_value(reading, map, key, "a map of at most 1000 rows", err);
    for (size_t i = 0; i < map->count; i++) {
        if (add_row(actions, reading, &map->pairs[i], is_severity, err) < 0)
            return -EINVAL;
    }
    return 0;
}

int actions_add_bytes(struct actions *actions, const char *name, struct text bytes,
                      struct error *err)
{
    static const struct reading_key keys[] = {{"severity", NULL}, {"event_type", NULL}, {0}};
    const struct reading reading = {.file = arena_textf(actions->arena, "%s", name).bytes,
                                    .arena = actions->arena};
    const struct node *root = document_parse(actions->arena, name, bytes, err);

    if (!root)
        return -EINVAL;
    if (root->kind == NODE_NULL)
        return 0;
    if (reading_keys(&reading, root, "a table of actions", keys, err) < 0 ||
        add_rows(actions, &reading, document_get(root, "severity"), true, err) < 0)
        return -EINVAL;
    return add_rows(actions, &reading, document_get(root, "event_type"), false, err);
}

int actions_add(struct actions *actions, const char *path, struct error *err)
{
    struct text bytes;
    int status = document_read_bytes(actions->arena, path, CORRELATION_MAX_FILE_BYTES, &bytes, err);

    return status < 0 ? status : actions_add_bytes(actions, path, bytes, err);
}

static bool fits(const struct row *row, int severity, struct text type)
{
    if (row->severity >= 0)
        return row->severity == severity;
    return text_find(type, row->word) < type.size;
}

struct record_texts actions_of(const struct actions *actions, enum actions_language language,
                               const struct correlation *rule, int severity, struct text type,
                               struct arena *arena)
{
    struct correlation_texts own = !rule                    ? (struct correlation_texts){0}
                                   : language == ACTIONS_KO ? rule->actions_ko
                                                            : rule->actions_en;
    size_t rows = actions && own.count == 0 ? actions->count : 0, count = own.count, at = 0;

    for (size_t i = 0; i < rows; i++) {
        if (fits(&actions->rows[i], severity, type))
            count += actions->rows[i].texts[language].count;
    }
    struct text *items = arena_take(arena, (count + 1) * sizeof(*items));

    for (; at < own.count; at++)
        items[at] = own.items[at];
    for (size_t i = 0; i < rows; i++) {
        const struct correlation_texts *texts = &actions->rows[i].texts[language];

        for (size_t k = 0; k < texts->count && fits(&actions->rows[i], severity, type); k++)
            items[at++] = texts->items[k];
    }
    return (struct record_texts){items, count};
}
