#include "correlator/selection.h"

#include <errno.h>

enum { TYPE_MAX_BYTES = 300 };

static const struct reading_key allowed[] = {
    {"rules", NULL}, {"min_level", NULL}, {"where", NULL}, {"unless", NULL}, {0},
};

/* "network_attacks.brute_force", "web_attacks.*", "*". */
static int check_type(const struct reading *reading, int line, struct text type, struct error *err)
{
    size_t star = text_find_byte(type, '*');

    if (star + 1 < type.size)
        return reading_refuse(reading, line, err,
                              "rules names '%.*s'; a '*' may only be the last character",
                              TEXT_ARG(text_cut(type, 80)));
    if (type.size > TYPE_MAX_BYTES)
        return reading_refuse(reading, line, err, "rules has a name of %zu bytes", type.size);
    return 0;
}

static bool is_type(struct text name)
{
    return text_find_byte(name, '.') < name.size || text_find_byte(name, '*') < name.size;
}

static int read_types(const struct reading *reading, const struct node *rules,
                      struct correlation_selection *selection, struct error *err)
{
    if (reading_texts(reading, rules, "rules", &selection->types, &selection->type_count, err) < 0)
        return -EINVAL;
    for (size_t i = 0; i < selection->type_count; i++) {
        int line = rules->kind == NODE_LIST ? rules->items[i].line : rules->line;
        struct text type = selection->types[i];

        if (!is_type(type))
            return reading_refuse(reading, line, err,
                                  "rules names '%.*s'; a selection is of event types or rule ids, "
                                  "as network_attacks.brute_force",
                                  TEXT_ARG(text_cut(type, 80)));
        if (check_type(reading, line, type, err) < 0)
            return -EINVAL;
    }
    if (selection->type_count == 0)
        return reading_refuse(reading, rules->line, err, "rules of a selection is empty");
    return 0;
}

static bool is_address(const struct correlation_field *field)
{
    return field->id == CORRELATION_FIELD_SOURCE_IP || field->id == CORRELATION_FIELD_TARGET_IP;
}

static int read_value(const struct reading *reading, const struct correlation_field *field,
                      struct text text, int line, struct correlation_value *value,
                      struct error *err)
{
    enum threat_level level;
    bool is_range = text_find_byte(text, '/') < text.size;

    value->text = text;
    if (field->id == CORRELATION_FIELD_THREAT_LEVEL && !event_level_parse(text, &level))
        return reading_refuse(reading, line, err,
                              "threat_level is '%.*s'; it must be LOW, MEDIUM, HIGH or CRITICAL",
                              TEXT_ARG(text_cut(text, 60)));
    if (!is_address(field) || text_find_byte(text, '*') < text.size)
        return 0;
    value->is_range = is_range || text_find_byte(text, ':') < text.size;
    if (!cidr_parse(text, &value->range))
        return reading_refuse(reading, line, err,
                              "%.*s is '%.*s', which is not an address or range",
                              TEXT_ARG(field->name), TEXT_ARG(text_cut(text, 60)));
    return 0;
}

static int read_filter(const struct reading *reading, const struct node_pair *pair,
                       struct correlation_filter *filter, struct error *err)
{
    const struct node key = {.kind = NODE_SCALAR, .line = pair->line, .text = pair->key};
    const struct text *texts = NULL;

    if (text_find_byte(pair->key, '|') < pair->key.size)
        return reading_refuse(reading, pair->line, err,
                              "'%.*s': Sigma's modifiers are the detector's; here a value is the "
                              "whole text, with '*' for any, and of an address also a range",
                              TEXT_ARG(text_cut(pair->key, 80)));
    if (reading_field(reading, &key, "a filter", &filter->field, err) < 0 ||
        reading_texts(reading, &pair->value, "a filter", &texts, &filter->count, err) < 0)
        return -EINVAL;
    struct correlation_value *values =
        arena_zero(reading->arena, (filter->count + 1) * sizeof(*values));

    for (size_t i = 0; i < filter->count; i++) {
        int line = pair->value.kind == NODE_LIST ? pair->value.items[i].line : pair->value.line;

        if (read_value(reading, &filter->field, texts[i], line, &values[i], err) < 0)
            return -EINVAL;
    }
    if (filter->count == 0)
        return reading_refuse(reading, pair->line, err, "a filter has no values");
    filter->values = values;
    return 0;
}

static int read_filters(const struct reading *reading, const struct node *map, const char *key,
                        const struct correlation_filter **filters, size_t *count, struct error *err)
{
    if (!map)
        return 0;
    if (map->kind != NODE_MAP)
        return reading_refuse_value(reading, map, key, "a map of fields and values", err);
    struct correlation_filter *into = arena_zero(reading->arena, (map->count + 1) * sizeof(*into));

    for (size_t i = 0; i < map->count; i++) {
        if (read_filter(reading, &map->pairs[i], &into[i], err) < 0)
            return -EINVAL;
    }
    *filters = into;
    *count = map->count;
    return 0;
}

static int read_own(const struct reading *reading, const struct node *node,
                    struct correlation_selection *selection, struct error *err)
{
    static const struct text any[] = {{"*", 1}};
    const struct node *rules = document_get(node, "rules"),
                      *level = document_get(node, "min_level");

    selection->types = any;
    selection->type_count = COUNT_OF(any);
    if (reading_keys(reading, node, "a selection", allowed, err) < 0)
        return -EINVAL;
    if (node->count == 0)
        return reading_refuse(reading, node->line, err,
                              "a selection is empty; rules: ['*'] would take every event");
    if (rules && read_types(reading, rules, selection, err) < 0)
        return -EINVAL;
    if (level &&
        (level->kind != NODE_SCALAR || !event_level_parse(level->text, &selection->min_level)))
        return reading_refuse_value(reading, level, "min_level", "LOW, MEDIUM, HIGH or CRITICAL",
                                    err);
    if (read_filters(reading, document_get(node, "where"), "where", &selection->where,
                     &selection->where_count, err) < 0)
        return -EINVAL;
    return read_filters(reading, document_get(node, "unless"), "unless", &selection->unless,
                        &selection->unless_count, err);
}

int selection_read(const struct reading *reading, const struct node *block, const struct node *item,
                   struct correlation_selection *selection, struct error *err)
{
    const struct node *own = document_get(block, "selections");

    if (item->kind != NODE_SCALAR || item->text.size == 0)
        return reading_refuse_value(reading, item, "a name in rules", "a text", err);
    selection->name = item->text;
    own = document_get(own, item->text.bytes);
    if (own)
        return read_own(reading, own, selection, err);
    if (!is_type(item->text))
        return 0;
    selection->types = &selection->name;
    selection->type_count = 1;
    return check_type(reading, item->line, item->text, err);
}

int selection_check_unused(const struct reading *reading, const struct node *block,
                           struct error *err)
{
    const struct node *own = document_get(block, "selections");
    const struct node *rules = document_get(block, "rules");

    if (own && own->kind != NODE_MAP)
        return reading_refuse_value(reading, own, "selections", "a map of names and filters", err);
    for (size_t i = 0; own && i < own->count; i++) {
        const struct node_pair *pair = &own->pairs[i];
        const struct node name = {.kind = NODE_SCALAR, .line = pair->line, .text = pair->key};
        bool is_used = false;

        if (reading_name(reading, &name, "the name of a selection", err) < 0)
            return -EINVAL;
        for (size_t k = 0; k < rules->count; k++)
            is_used = is_used || text_equal(rules->items[k].text, pair->key);
        if (!is_used)
            return reading_refuse(reading, pair->line, err,
                                  "selection '%.*s' is not named in rules", TEXT_ARG(pair->key));
    }
    return 0;
}

bool selection_is_linked_later(const struct correlation_selection *selection)
{
    return !selection->correlation && selection->type_count == 0;
}

struct text selection_type_of_uuid(struct text name, struct arena *arena)
{
    if (name.size != 36)
        return (struct text){0};
    for (size_t i = 0; i < name.size; i++) {
        char c = name.bytes[i];
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        if (is_dash ? c != '-' : !is_hex)
            return (struct text){0};
    }
    return arena_textf(arena, "sigma.%.*s", TEXT_ARG(name));
}
