#include "detector/engine_plan.h"

#include <errno.h>
#include <stdlib.h>

#include "detector/pattern_weight.h"

enum { ARENA_BLOCK = 64 * 1024 };

static int refuse(const struct rule *rule, struct error *err, const char *reason)
{
    return error_set(err, -EINVAL, "%s:%d: rule '%.*s': %s", rule->file, rule->line,
                     TEXT_ARG(rule->rule_id), reason);
}

static int known_field(struct text name)
{
    for (int i = 0; i < ENTRY_FIELD_COUNT; i++) {
        if (text_is(name, entry_field_names[i]))
            return i;
    }
    return -1;
}

/* The number of a field, a new one if it must be; -1: there is no room. */
static int field_number(struct engine_plan *plan, struct text name)
{
    size_t i = 0;

    while (i < plan->field_count && !text_equal(plan->fields[i].name, name))
        i++;
    if (i < plan->field_count)
        return (int)i;
    if (i == RULE_MAX_FIELDS)
        return -1;
    plan->fields[i] = (struct engine_field){.name = name, .known = known_field(name)};
    plan->field_count++;
    return (int)i;
}

static int add_fields(struct engine_plan *plan, struct engine_rule *to, struct error *err)
{
    const struct rule *rule = to->rule;
    uint32_t *fields = arena_take(plan->arena, rule->field_count * sizeof(*fields));

    for (size_t i = 0; i < rule->field_count; i++) {
        int number = field_number(plan, rule->fields[i]);

        if (number < 0)
            return refuse(rule, err,
                          "with its fields the rules look at more than 32 different ones; at most "
                          "32 are allowed");
        fields[i] = (uint32_t)number;
        plan->fields[number].decodings |= 1u << rule->decode;
    }
    to->fields = fields;
    return 0;
}

static const char *front_of(const struct pattern *pattern, struct arena *arena)
{
    struct text front = text_slice(pattern_source(pattern), 0, pattern_weight_front(pattern));

    return arena_textf(arena, "%.*s", TEXT_ARG(front)).bytes;
}

/* @text with @prefix before it. What it can begin with only at the very start is refused. */
static struct pattern *behind_prefix(struct text prefix, struct text text, struct arena *arena,
                                     struct error *reason)
{
    if (text_starts(text, TEXT("(*"))) {
        error_set(reason, -EINVAL,
                  "pattern '%.*s' cannot stand behind a prefix; put its (*…) before that",
                  TEXT_ARG(text));
        return NULL;
    }
    return pattern_new(arena_textf(arena, "%.*s(?:%.*s)", TEXT_ARG(prefix), TEXT_ARG(text)),
                       reason);
}

/* Hyperscan looks for a pattern without its prefix, which PCRE2 asks about where it was found:
 * lines that begin as the prefix says are many, and cost nothing so. */
static int add_pattern(struct engine_plan *plan, const struct rule *rule, struct text text,
                       struct engine_pattern *to, struct error *err)
{
    struct text prefix = to->is_positive ? rule->prefix : rule->unless_prefix;
    struct error reason = {0};
    AUTO(pattern) alone = pattern_new(text, &reason);

    if (!alone)
        return refuse(rule, err, reason.text);
    to->front = front_of(alone, plan->arena);
    to->is_slow = pattern_weight_is_slow(alone);
    to->pattern = prefix.size > 0 && text.bytes[0] != '^'
                      ? behind_prefix(prefix, text, plan->arena, &reason)
                      : TAKE(alone);
    if (!to->pattern)
        return refuse(rule, err, reason.text);
    pattern_speed_up(to->pattern);
    return 0;
}

static int add_patterns(struct engine_plan *plan, const struct rule *rule, uint32_t number,
                        const struct text *patterns, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct engine_pattern *to = &plan->patterns[plan->pattern_count];

        *to = (struct engine_pattern){.rule = number, .is_positive = patterns == rule->patterns};
        if (add_pattern(plan, rule, patterns[i], to, err) < 0)
            return -EINVAL;
        plan->pattern_count++;
    }
    return 0;
}

/* Any of the patterns, none of the unless. */
static const struct condition *condition_of(struct arena *arena, const struct engine_rule *to)
{
    const struct rule *rule = to->rule;
    const struct condition *any = condition_any(arena, to->first_pattern, rule->pattern_count);

    if (rule->unless_count == 0)
        return any;
    const struct condition **both = arena_take(arena, 2 * sizeof(const struct condition *));

    both[0] = any;
    both[1] =
        condition_not(arena, condition_any(arena, to->first_pattern + (uint32_t)rule->pattern_count,
                                           rule->unless_count));
    return condition_at_least(arena, 2, both, 2);
}

static int add_rule(struct engine_plan *plan, const struct rule *rule, struct error *err)
{
    uint32_t number = (uint32_t)plan->rule_count++;
    struct engine_rule *to = &plan->rules[number];

    *to = (struct engine_rule){.rule = rule, .first_pattern = (uint32_t)plan->pattern_count};
    if (rule->mode == RULE_OFF)
        return 0;
    if (add_fields(plan, to, err) < 0 ||
        add_patterns(plan, rule, number, rule->patterns, rule->pattern_count, err) < 0 ||
        add_patterns(plan, rule, number, rule->unless, rule->unless_count, err) < 0)
        return -EINVAL;
    to->condition = condition_of(plan->arena, to);
    return 0;
}

struct engine_plan *engine_plan_new(const struct ruleset *ruleset, struct error *err)
{
    AUTO(engine_plan) plan = mem_zero(sizeof(*plan));
    size_t count = ruleset_count(ruleset), patterns = 0;

    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = ruleset_rule(ruleset, i);

        patterns += rule->pattern_count + rule->unless_count;
    }
    plan->arena = arena_new(ARENA_BLOCK);
    plan->rules = mem_zero((count + 1) * sizeof(*plan->rules));
    plan->patterns = mem_zero((patterns + 1) * sizeof(*plan->patterns));
    for (size_t i = 0; i < count; i++) {
        if (add_rule(plan, ruleset_rule(ruleset, i), err) < 0)
            return NULL;
    }
    return TAKE(plan);
}

void engine_plan_free(struct engine_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->pattern_count; i++)
        pattern_free(plan->patterns[i].pattern);
    arena_free(plan->arena);
    free(plan->rules);
    free(plan->patterns);
    free(plan);
}

bool engine_plan_looks_at(const struct engine_rule *rule, uint32_t field)
{
    for (size_t i = 0; i < rule->rule->field_count; i++) {
        if (rule->fields[i] == field)
            return true;
    }
    return false;
}
