#include "cli/commands/correlation_notes.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/document.h"
#include "base/mem.h"

/* What detector rules go by. */
struct known {
    const char **names;
    size_t count;
};

static struct known know(const struct ruleset *ruleset, struct arena *arena)
{
    size_t rules = ruleset_count(ruleset);
    struct known known = {arena_take(arena, (2 * rules + 1) * sizeof(char *)), 0};

    for (size_t i = 0; i < rules; i++) {
        const struct rule *rule = ruleset_rule(ruleset, i);

        known.names[known.count++] = arena_textf(arena, "%.*s", TEXT_ARG(rule->event_type)).bytes;
        known.names[known.count++] = arena_textf(arena, "%.*s", TEXT_ARG(rule->rule_id)).bytes;
    }
    return known;
}

static bool is_known(const struct known *known, struct text name)
{
    for (size_t i = 0; i < known->count; i++) {
        if (text_is(name, known->names[i]))
            return true;
    }
    return false;
}

static void note(const struct correlation *rule, const struct known *known, struct text name,
                 struct buf *out)
{
    const char *nearest;

    if (text_ends(name, TEXT("*")) || is_known(known, name))
        return;
    nearest = document_nearest(name, known->names, known->count);
    if (nearest)
        buf_addf(out, "%s:%d: rule '%.*s': no built-in rule makes '%.*s'; did you mean '%s'?\n",
                 rule->file, rule->line, TEXT_ARG(rule->id), TEXT_ARG(text_cut(name, 80)), nearest);
}

void correlation_notes_write(const struct correlation *rule, const struct ruleset *ruleset,
                             struct buf *out)
{
    AUTO(arena) arena = arena_new(64 * 1024);
    const struct known known = know(ruleset, arena);

    for (size_t i = 0; i < rule->selection_count; i++) {
        const struct correlation_selection *selection = &rule->selections[i];

        for (size_t k = 0; k < selection->type_count; k++)
            note(rule, &known, selection->types[k], out);
    }
}
