#include "detector/rule_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "detector/rule_keys.h"

enum { NAME_MAX_BYTES = 128, SUGGESTIONS = 32 };

void rule_drafts_done(struct rule_drafts *drafts)
{
    free(drafts->items);
    *drafts = (struct rule_drafts){0};
}

struct rule_draft *rule_file_draft(struct rule_reader *reader, struct text id, int line)
{
    struct rule_drafts *drafts = reader->drafts;

    drafts->items =
        mem_grow(drafts->items, drafts->count, &drafts->capacity, sizeof(*drafts->items));
    struct rule_draft *draft = &drafts->items[drafts->count++];

    *draft = (struct rule_draft){.enabled = true};
    draft->rule.category = reader->category;
    draft->rule.rule_id =
        arena_textf(reader->arena, "%.*s.%.*s", TEXT_ARG(reader->category), TEXT_ARG(id));
    draft->rule.file = reader->file;
    draft->rule.line = line;
    reader->rule_id = draft->rule.rule_id;
    return draft;
}

int rule_file_refuse(const struct rule_reader *reader, int line, struct error *err,
                     const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int code = document_refuse(reader->file, line, reader->rule_id, err, format, arguments);

    va_end(arguments);
    return code;
}

int rule_file_check_name(const struct rule_reader *reader, const char *what,
                         const struct node *node, struct error *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    char found[80];

    if (node->kind != NODE_SCALAR || node->text.size == 0)
        return rule_file_refuse(reader, node->line, err, "%s is %s; it must be a name", what,
                                document_describe(node, found, sizeof(found)));
    if (node->text.size > NAME_MAX_BYTES)
        return rule_file_refuse(reader, node->line, err, "%s has %zu bytes; at most %d are allowed",
                                what, node->text.size, NAME_MAX_BYTES);
    for (size_t i = 0; i < node->text.size; i++) {
        char c = node->text.bytes[i];

        if (c == '\0' || !strchr(allowed, c))
            return rule_file_refuse(reader, node->line, err,
                                    "%s is %s; it may hold ASCII letters, digits, '_' and '-' only",
                                    what, document_describe(node, found, sizeof(found)));
    }
    return 0;
}

static int refuse_key(const struct rule_reader *reader, const struct node_pair *pair,
                      const struct rule_key *keys, size_t count, struct error *err)
{
    const char *names[SUGGESTIONS];
    size_t known = count < SUGGESTIONS ? count : SUGGESTIONS;

    for (size_t i = 0; i < known; i++)
        names[i] = keys[i].name;
    const char *nearest = document_nearest(pair->key, names, known);

    if (nearest)
        return rule_file_refuse(reader, pair->line, err,
                                "there is no key '%.*s'; did you mean '%s'?", TEXT_ARG(pair->key),
                                nearest);
    return rule_file_refuse(reader, pair->line, err, "there is no key '%.*s' here",
                            TEXT_ARG(pair->key));
}

static int read_pair(struct rule_reader *reader, const struct node_pair *pair,
                     const struct rule_key *keys, size_t count, struct rule_draft *draft,
                     struct error *err)
{
    size_t k = 0;

    while (k < count && !text_is(pair->key, keys[k].name))
        k++;
    if (k == count)
        return refuse_key(reader, pair, keys, count, err);
    draft->gives |= keys[k].gives;
    return keys[k].read ? keys[k].read(reader, &pair->value, draft, err) : 0;
}

void rule_file_read_keys(struct rule_reader *reader, const struct node *map,
                         const struct rule_key *keys, size_t count, struct rule_draft *draft)
{
    for (size_t i = 0; i < map->count; i++) {
        struct error err = {0};

        if (read_pair(reader, &map->pairs[i], keys, count, draft, &err) == 0)
            continue;
        mistakes_add(reader->mistakes, &err);
        draft->is_refused = true;
    }
}

static int read_rule(struct rule_reader *reader, const struct node *node, struct error *err)
{
    char found[80];
    const struct node *id = document_get(node, "id");

    if (node->kind != NODE_MAP)
        return rule_file_refuse(reader, node->line, err,
                                "a rule is %s; it must be a map with an id",
                                document_describe(node, found, sizeof(found)));
    if (!id)
        return rule_file_refuse(reader, node->line, err, "a rule has no id");
    if (rule_file_check_name(reader, "id", id, err) < 0)
        return -EINVAL;
    struct rule_draft *draft = rule_file_draft(reader, id->text, node->line);

    rule_file_read_keys(reader, node, rule_keys_yaml, rule_keys_yaml_count, draft);
    reader->rule_id = (struct text){0};
    return 0;
}

static int read_rules(struct rule_reader *reader, const struct node *rules, struct error *err)
{
    char found[80];

    if (rules->kind != NODE_LIST)
        return rule_file_refuse(reader, rules->line, err, "rules is %s; it must be a list of rules",
                                document_describe(rules, found, sizeof(found)));
    for (size_t i = 0; i < rules->count; i++) {
        struct error wrong = {0};

        if (read_rule(reader, &rules->items[i], &wrong) < 0)
            mistakes_add(reader->mistakes, &wrong);
    }
    return 0;
}

static int read_category(struct rule_reader *reader, const struct node *node, struct error *err)
{
    static const struct rule_key keys[] = {{"category", NULL, 0}, {"rules", NULL, 0}};
    struct rule_draft none = {0};
    char found[80];

    if (node->kind != NODE_MAP)
        return rule_file_refuse(
            reader, node->line, err,
            "found %s; a rule file is a map of category and rules, or a list of "
            "such maps",
            document_describe(node, found, sizeof(found)));
    rule_file_read_keys(reader, node, keys, COUNT_OF(keys), &none);
    const struct node *category = document_get(node, "category");
    const struct node *rules = document_get(node, "rules");

    if ((!category || !rules) && none.is_refused)
        return 0; /* the key that is not known may be the one that is missing */
    if (!category || !rules)
        return rule_file_refuse(reader, node->line, err,
                                "there is no %s; a rule file has both "
                                "category and rules",
                                category ? "rules" : "category");
    if (rule_file_check_name(reader, "category", category, err) < 0)
        return -EINVAL;
    reader->category = category->text;
    return read_rules(reader, rules, err);
}

static void read_part(struct rule_reader *reader, const struct node *node)
{
    struct error err = {0};

    if (read_category(reader, node, &err) < 0)
        mistakes_add(reader->mistakes, &err);
}

void rule_file_read(struct rule_reader *reader, const struct node *root)
{
    if (root->kind == NODE_NULL)
        return; /* an empty file says nothing */
    if (root->kind != NODE_LIST)
        read_part(reader, root);
    for (size_t i = 0; root->kind == NODE_LIST && i < root->count; i++)
        read_part(reader, &root->items[i]);
}
