#include "correlator/block.h"

#include <errno.h>
#include <stdlib.h>

#include "correlator/bounds.h"
#include "correlator/field.h"
#include "correlator/selection.h"

static const struct reading_key allowed[] = {
    {"type", NULL},      {"rules", NULL},   {"group-by", NULL},   {"timespan", NULL},
    {"condition", NULL}, {"aliases", NULL}, {"selections", NULL}, {0},
};

static int read_type(const struct reading *reading, const struct node *block,
                     struct correlation *rule, struct error *err)
{
    const struct node *type = document_get(block, "type");
    const char *nearest;

    if (!type)
        return reading_refuse(reading, block->line, err, "correlation has no type");
    if (type->kind != NODE_SCALAR)
        return reading_refuse_value(reading, type, "type", "event_count, temporal, …", err);
    for (size_t i = 0; i < CORRELATION_SILENCE; i++) {
        if (text_is(type->text, correlation_types[i])) {
            rule->type = (enum correlation_type)i;
            return 0;
        }
    }
    nearest = document_nearest(type->text, correlation_types, CORRELATION_SILENCE);
    if (nearest)
        return reading_refuse(reading, type->line, err, "type is '%.*s'; did you mean '%s'?",
                              TEXT_ARG(text_cut(type->text, 60)), nearest);
    return reading_refuse_value(reading, type, "type",
                                "event_count, value_count, value_sum, value_avg, "
                                "value_percentile, temporal or temporal_ordered",
                                err);
}

static int compare_texts(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static const struct node *alias_of(const struct node *block, struct text name)
{
    return document_get(document_get(block, "aliases"), name.bytes);
}

static int check_group_name(const struct reading *reading, const struct node *block,
                            const struct node *item, struct error *err)
{
    struct correlation_field field;

    if (item->kind == NODE_SCALAR && alias_of(block, item->text))
        return 0;
    return reading_field(reading, item, "group-by", &field, err);
}

static int read_group_by(const struct reading *reading, const struct node *block,
                         struct correlation *rule, struct error *err)
{
    const struct node *group_by = document_get(block, "group-by");
    const struct node *items = group_by && group_by->kind == NODE_LIST ? group_by->items : group_by;
    size_t count = !group_by ? 0 : group_by->kind == NODE_LIST ? group_by->count : 1;
    struct text *names = arena_zero(reading->arena, (count + 1) * sizeof(*names));

    if (count > CORRELATION_MAX_KEYS)
        return reading_refuse(reading, group_by->line, err,
                              "group-by has %zu fields; at most %d are allowed", count,
                              CORRELATION_MAX_KEYS);
    for (size_t i = 0; i < count; i++) {
        if (check_group_name(reading, block, &items[i], err) < 0)
            return -EINVAL;
        names[i] = items[i].text;
    }
    qsort(names, count, sizeof(*names), compare_texts);
    for (size_t i = 1; i < count; i++) {
        if (text_equal(names[i - 1], names[i]))
            return reading_refuse(reading, group_by->line, err, "group-by has '%.*s' twice",
                                  TEXT_ARG(names[i]));
    }
    rule->group_by = names;
    rule->group_count = count;
    return 0;
}

static bool is_named(const struct node *rules, struct text name)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (text_equal(rules->items[i].text, name))
            return true;
    }
    return false;
}

/* `aliases: {address: {failures: source_ip, scans: target_ip}}`. */
static int check_aliases(const struct reading *reading, const struct node *block,
                         const struct correlation *rule, struct error *err)
{
    const struct node *aliases = document_get(block, "aliases");
    const struct node *rules = document_get(block, "rules");
    struct correlation_field field;
    char why[240];

    if (aliases && aliases->kind != NODE_MAP)
        return reading_refuse_value(reading, aliases, "aliases", "a map", err);
    for (size_t i = 0; aliases && i < aliases->count; i++) {
        const struct node_pair *pair = &aliases->pairs[i];
        bool is_used = false;

        for (size_t k = 0; k < rule->group_count; k++)
            is_used = is_used || text_equal(rule->group_by[k], pair->key);
        if (!is_used)
            return reading_refuse(reading, pair->line, err, "alias '%.*s' is not in group-by",
                                  TEXT_ARG(text_cut(pair->key, 80)));
        if (field_find(pair->key, &field, why, sizeof(why)))
            return reading_refuse(reading, pair->line, err,
                                  "alias '%.*s' is the name of a field; choose another",
                                  TEXT_ARG(text_cut(pair->key, 80)));
        if (pair->value.kind != NODE_MAP)
            return reading_refuse_value(reading, &pair->value, "an alias",
                                        "a map of named rules and their fields", err);
        for (size_t k = 0; k < pair->value.count; k++) {
            const struct node_pair *of = &pair->value.pairs[k];

            if (!is_named(rules, of->key))
                return reading_refuse(reading, of->line, err,
                                      "alias '%.*s' speaks of '%.*s', which rules: does not name",
                                      TEXT_ARG(text_cut(pair->key, 80)),
                                      TEXT_ARG(text_cut(of->key, 80)));
            if (reading_field(reading, &of->value, "an alias", &field, err) < 0)
                return -EINVAL;
        }
    }
    return 0;
}

int block_set_keys(const struct reading *reading, const struct node *block,
                   const struct correlation *rule, struct correlation_selection *selection,
                   struct error *err)
{
    struct correlation_field *fields =
        arena_zero(reading->arena, (rule->group_count + 1) * sizeof(*fields));
    char why[240];

    for (size_t i = 0; i < rule->group_count; i++) {
        const struct node *alias = alias_of(block, rule->group_by[i]);
        const struct node *of = document_get(alias, selection->name.bytes);

        if (alias && !of)
            return reading_refuse(
                reading, alias->line, err, "alias '%.*s' does not say which field it is in '%.*s'",
                TEXT_ARG(rule->group_by[i]), TEXT_ARG(text_cut(selection->name, 80)));
        /* Both were checked where they stand. */
        field_find(of ? of->text : rule->group_by[i], &fields[i], why, sizeof(why));
    }
    selection->keys = fields;
    return 0;
}

int block_check_count(const struct reading *reading, const struct node *block,
                      const struct correlation *rule, const struct correlation_selection *selection,
                      struct error *err)
{
    for (size_t i = 0; i < rule->group_count; i++) {
        const struct node *of =
            document_get(alias_of(block, rule->group_by[i]), selection->name.bytes);

        if (of)
            return reading_refuse(reading, of->line, err,
                                  "alias '%.*s' speaks of '%.*s', which is a count; where its "
                                  "values are is for that rule's own aliases to say",
                                  TEXT_ARG(rule->group_by[i]),
                                  TEXT_ARG(text_cut(selection->name, 80)));
    }
    return 0;
}

static int read_rules(struct reading *reading, const struct node *block, struct draft *draft,
                      struct error *err)
{
    const struct node *rules = document_get(block, "rules");
    struct correlation *rule = &draft->rule;

    if (!rules)
        return reading_refuse(reading, block->line, err,
                              "correlation has no rules: event types, rule ids, or names of "
                              "selections or counts");
    if (rules->kind != NODE_LIST || rules->count == 0)
        return reading_refuse_value(reading, rules, "rules", "a list of names", err);
    if (rules->count > CORRELATION_MAX_SELECTIONS)
        return reading_refuse(reading, rules->line, err,
                              "rules has %zu names; at most %d are allowed", rules->count,
                              CORRELATION_MAX_SELECTIONS);
    draft->selections = arena_zero(reading->arena, rules->count * sizeof(*draft->selections));
    draft->selection_lines = arena_zero(reading->arena, rules->count * sizeof(int));
    rule->selections = draft->selections;
    rule->selection_count = rules->count;
    for (size_t i = 0; i < rules->count; i++) {
        draft->selection_lines[i] = rules->items[i].line;
        if (selection_read(reading, block, &rules->items[i], &draft->selections[i], err) < 0)
            return -EINVAL;
        for (size_t k = 0; k < i; k++) {
            if (text_equal(draft->selections[k].name, draft->selections[i].name))
                return reading_refuse(reading, rules->items[i].line, err,
                                      "rules names '%.*s' twice",
                                      TEXT_ARG(text_cut(draft->selections[i].name, 80)));
        }
    }
    return selection_check_unused(reading, block, err);
}

static int set_keys(const struct reading *reading, const struct node *block, struct draft *draft,
                    struct error *err)
{
    for (size_t i = 0; i < draft->rule.selection_count; i++) {
        if (!selection_is_linked_later(&draft->selections[i]) &&
            block_set_keys(reading, block, &draft->rule, &draft->selections[i], err) < 0)
            return -EINVAL;
    }
    return 0;
}

int block_read(struct reading *reading, const struct node *block, struct draft *draft,
               struct error *err)
{
    struct correlation *rule = &draft->rule;
    const struct node *timespan = document_get(block, "timespan");

    if (reading_keys(reading, block, "correlation", allowed, err) < 0 ||
        read_type(reading, block, rule, err) < 0 || read_rules(reading, block, draft, err) < 0 ||
        read_group_by(reading, block, rule, err) < 0 ||
        check_aliases(reading, block, rule, err) < 0 || set_keys(reading, block, draft, err) < 0)
        return -EINVAL;
    if (!timespan)
        return reading_refuse(reading, block->line, err, "correlation has no timespan, as 5m");
    if (reading_duration(reading, timespan, "timespan", 1000, &rule->timespan_ms, err) < 0)
        return -EINVAL;
    return bounds_read(reading, block, rule, err);
}
