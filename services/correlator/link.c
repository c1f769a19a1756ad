#include "correlator/link.h"

#include <errno.h>
#include <stdlib.h>

#include "correlator/block.h"
#include "correlator/selection.h"

struct linker {
    struct reading *reading;
    struct draft *const *drafts;
    size_t count;
};

static struct draft *find(const struct linker *linker, struct text name)
{
    for (size_t i = 0; i < linker->count; i++) {
        if (text_equal(linker->drafts[i]->rule.id, name))
            return linker->drafts[i];
    }
    for (size_t i = 0; i < linker->count; i++) {
        if (text_equal(linker->drafts[i]->rule.name, name))
            return linker->drafts[i];
    }
    return NULL;
}

/* An id or name that two rules go by would make a reference mean either. */
static int check_names(const struct linker *linker, struct error *err)
{
    for (size_t i = 0; i < linker->count; i++) {
        const struct correlation *rule = &linker->drafts[i]->rule;

        for (size_t k = 0; rule->name.size > 0 && k < linker->count; k++) {
            const struct correlation *other = &linker->drafts[k]->rule;

            if (k == i || (!text_equal(rule->name, other->id) &&
                           !(k < i && text_equal(rule->name, other->name))))
                continue;
            linker->reading->file = rule->file;
            linker->reading->rule = rule->id;
            return reading_refuse(linker->reading, rule->line, err,
                                  "its name '%.*s' is that of the rule in %s:%d",
                                  TEXT_ARG(rule->name), other->file, other->line);
        }
    }
    return 0;
}

static int refuse_name(const struct linker *linker, int line,
                       const struct correlation_selection *selection, struct error *err)
{
    const char **names = mem_zero((linker->count + 1) * sizeof(*names));
    const char *nearest;

    for (size_t i = 0; i < linker->count; i++)
        names[i] = linker->drafts[i]->rule.id.bytes;
    nearest = document_nearest(selection->name, names, linker->count);
    free(names);
    if (nearest)
        return reading_refuse(linker->reading, line, err, "rules names '%.*s'; did you mean '%s'?",
                              TEXT_ARG(text_cut(selection->name, 80)), nearest);
    return reading_refuse(
        linker->reading, line, err,
        "rules names '%.*s', which is neither a selection of this rule nor another rule; an event "
        "type has a dot, as web_attacks.xss, and a Sigma rule is named by its id",
        TEXT_ARG(text_cut(selection->name, 80)));
}

static bool has_same_groups(const struct correlation *a, const struct correlation *b)
{
    if (a->group_count != b->group_count)
        return false;
    for (size_t i = 0; i < a->group_count; i++) {
        if (!text_equal(a->group_by[i], b->group_by[i]))
            return false;
    }
    return true;
}

static bool is_chained(const struct correlation *rule)
{
    return rule->type == CORRELATION_TEMPORAL || rule->type == CORRELATION_TEMPORAL_ORDERED;
}

static int check_inner(const struct linker *linker, const struct correlation *outer, int line,
                       const struct correlation *inner, struct error *err)
{
    const char *why = NULL;

    if (!is_chained(outer))
        why = "only temporal and temporal_ordered rules may name other rules";
    else if (inner->type != CORRELATION_EVENT_COUNT && inner->type != CORRELATION_VALUE_COUNT)
        why = "only an event_count or value_count may be part of another rule, one level deep";
    else if (!has_same_groups(outer, inner))
        why = "its group-by must be the same: it is counted in the groups of this rule";
    else if (!inner->grows)
        why = "its condition may only have gt and gte here: others could be taken back";
    if (!why)
        return 0;
    return reading_refuse(linker->reading, line, err, "rules names '%.*s' (%s): %s",
                          TEXT_ARG(inner->id), correlation_types[inner->type], why);
}

static int link_selection(const struct linker *linker, struct draft *draft, size_t i,
                          struct error *err)
{
    struct correlation_selection *selection = &draft->selections[i];
    struct draft *named = find(linker, selection->name);

    if (named) {
        selection->correlation = &named->rule;
        if (check_inner(linker, &draft->rule, draft->selection_lines[i], &named->rule, err) < 0)
            return -EINVAL;
        return block_check_count(linker->reading, draft->given[DRAFT_CORRELATION].node,
                                 &draft->rule, selection, err);
    }
    struct text type = selection_type_of_uuid(selection->name, linker->reading->arena);

    if (type.size == 0)
        return refuse_name(linker, draft->selection_lines[i], selection, err);
    struct text *types = ARENA_NEW(linker->reading->arena, struct text);

    *types = type;
    selection->types = types;
    selection->type_count = 1;
    return block_set_keys(linker->reading, draft->given[DRAFT_CORRELATION].node, &draft->rule,
                          selection, err);
}

static int link_rule(const struct linker *linker, struct draft *draft, struct error *err)
{
    linker->reading->rule = draft->rule.id;
    linker->reading->file = draft->given[DRAFT_CORRELATION].file;
    for (size_t i = 0; i < draft->rule.selection_count; i++) {
        if (selection_is_linked_later(&draft->selections[i]) &&
            link_selection(linker, draft, i, err) < 0)
            return -EINVAL;
    }
    return 0;
}

/* A rule that says generate: false stands for the rules it names, too; one that is off for none. */
static void settle_alerts(const struct linker *linker)
{
    for (size_t i = 0; i < linker->count; i++) {
        linker->drafts[i]->rule.alerts = !linker->drafts[i]->is_off;
        if (linker->drafts[i]->is_off)
            linker->drafts[i]->rule.generate = true;
    }
    for (size_t i = 0; i < linker->count; i++) {
        const struct draft *draft = linker->drafts[i];

        for (size_t k = 0; correlation_withholds(&draft->rule) && k < draft->rule.selection_count;
             k++) {
            if (draft->selections[k].correlation)
                find(linker, draft->selections[k].name)->rule.alerts = false;
        }
    }
}

int link_rules(struct reading *reading, struct draft *const *drafts, size_t count,
               struct mistakes *mistakes, struct error *err)
{
    const struct linker linker = {reading, drafts, count};

    struct error mistake = {0};
    int status = check_names(&linker, &mistake);

    if (status < 0 && reading_goes_on(mistakes, &mistake))
        status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        status = link_rule(&linker, drafts[i], &mistake);
        if (status < 0 && reading_goes_on(mistakes, &mistake))
            status = 0;
    }
    if (status < 0) {
        if (err)
            *err = mistake;
        return status;
    }
    settle_alerts(&linker);
    return 0;
}
