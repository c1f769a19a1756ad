#include "correlator/bounds.h"

#include <errno.h>
#include <inttypes.h>

enum { THOUSANDTHS = 1000 };
#define MOST_WHOLE INT64_C(1000000000000)

static const char *const operators[] = {
    [CORRELATION_GT] = "gt",   [CORRELATION_GTE] = "gte", [CORRELATION_LT] = "lt",
    [CORRELATION_LTE] = "lte", [CORRELATION_EQ] = "eq",   [CORRELATION_NEQ] = "neq",
};

static const struct reading_key allowed[] = {
    {"gt", NULL},  {"gte", NULL},   {"lt", NULL},         {"lte", NULL}, {"eq", NULL},
    {"neq", NULL}, {"field", NULL}, {"percentile", NULL}, {0},
};

static bool is_temporal(const struct correlation *rule)
{
    return rule->type == CORRELATION_TEMPORAL || rule->type == CORRELATION_TEMPORAL_ORDERED;
}

/* Of numbers in logs, not of events. */
static bool is_measured(const struct correlation *rule)
{
    return rule->type == CORRELATION_VALUE_SUM || rule->type == CORRELATION_VALUE_AVG ||
           rule->type == CORRELATION_VALUE_PERCENTILE;
}

/* "-12.5" as -12500. */
static bool parse_thousandths(struct text text, int64_t *value)
{
    bool is_negative = text_starts(text, TEXT("-"));
    struct text digits = text_slice(text, is_negative ? 1 : 0, text.size);
    size_t dot = text_find_byte(digits, '.');
    struct text decimals = text_slice(digits, dot + 1, digits.size);
    int64_t whole, part = 0;

    if (!text_to_integer(text_slice(digits, 0, dot), &whole) || whole > MOST_WHOLE)
        return false;
    if (dot < digits.size && (decimals.size > 3 || !text_to_integer(decimals, &part)))
        return false;
    for (size_t i = decimals.size; dot < digits.size && i < 3; i++)
        part *= 10;
    *value = (whole * THOUSANDTHS + part) * (is_negative ? -1 : 1);
    return true;
}

static int read_value(const struct reading *reading, const struct correlation *rule,
                      const struct node *node, const char *key, int64_t *value, struct error *err)
{
    if (!is_measured(rule))
        return reading_whole(reading, node, key, 0, MOST_WHOLE, value, err);
    if (node->kind != NODE_SCALAR || !parse_thousandths(node->text, value))
        return reading_refuse_value(reading, node, key, "a number with at most three decimals",
                                    err);
    return 0;
}

static int read_bounds(const struct reading *reading, const struct node *condition,
                       struct correlation *rule, struct error *err)
{
    struct correlation_bound *bounds =
        arena_zero(reading->arena, COUNT_OF(operators) * sizeof(*bounds));

    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        const struct node *node = document_get(condition, operators[i]);

        if (!node)
            continue;
        struct correlation_bound *bound = &bounds[rule->bound_count++];

        bound->operator=(enum correlation_operator) i;
        if (read_value(reading, rule, node, operators[i], &bound->value, err) < 0)
            return -EINVAL;
    }
    rule->bounds = bounds;
    return 0;
}

/* The least and the greatest number that the bounds let through. */
static void range_of(const struct correlation *rule, int64_t *least, int64_t *most)
{
    *least = is_measured(rule) ? -MOST_WHOLE * THOUSANDTHS * 2 : 1;
    *most = MOST_WHOLE * THOUSANDTHS * 2;
    for (size_t i = 0; i < rule->bound_count; i++) {
        const struct correlation_bound *bound = &rule->bounds[i];
        bool is_low = bound->operator== CORRELATION_GT || bound->operator== CORRELATION_GTE ||
                      bound->
                      operator== CORRELATION_EQ;
        bool is_high =
            bound->operator== CORRELATION_LT || bound->operator== CORRELATION_LTE || bound->
            operator== CORRELATION_EQ;
        int64_t low = bound->value + (bound->operator== CORRELATION_GT);
        int64_t high = bound->value - (bound->operator== CORRELATION_LT);

        if (is_low && low > *least)
            *least = low;
        if (is_high && high < *most)
            *most = high;
    }
}

static bool is_field_of_group(const struct correlation *rule)
{
    for (size_t i = 0; i < rule->field_count; i++) {
        bool is_grouped = false;

        for (size_t k = 0; k < rule->group_count; k++)
            is_grouped = is_grouped || text_equal(rule->fields[i].name, rule->group_by[k]);
        if (!is_grouped)
            return false;
    }
    return rule->field_count > 0;
}

static int check_range(const struct reading *reading, int line, const struct correlation *rule,
                       struct error *err)
{
    int64_t least, most;

    range_of(rule, &least, &most);
    if (least > most)
        return reading_refuse(reading, line, err, "condition can never hold%s",
                              is_measured(rule) || most > 0
                                  ? ""
                                  : ": a rule is judged at the times of its events, so there is at "
                                    "least one (for silence there is expect:)");
    if (is_measured(rule))
        return 0;
    if (is_temporal(rule) && least > (int64_t)rule->selection_count)
        return reading_refuse(reading, line, err,
                              "condition asks for %" PRId64 " of %zu named rules", least,
                              rule->selection_count);
    if (rule->type == CORRELATION_VALUE_COUNT && least > 1 && is_field_of_group(rule))
        return reading_refuse(reading, line, err,
                              "condition can never hold: '%.*s' is in group-by, so a group has one "
                              "value of it",
                              TEXT_ARG(rule->fields[0].name));
    if (least > reading->limits.members)
        return reading_refuse(reading, line, err,
                              "condition asks for %" PRId64 ", and a group remembers at most "
                              "%" PRId64 " events (correlator.max_members)",
                              least, reading->limits.members);
    return 0;
}

static int check_temporal(const struct reading *reading, int line, const struct correlation *rule,
                          struct error *err)
{
    int64_t least, most;

    for (size_t i = 0; i < rule->bound_count; i++) {
        enum correlation_operator operator= rule->bounds[i].operator;

        if (operator!= CORRELATION_GT && operator!= CORRELATION_GTE)
            return reading_refuse(reading, line, err,
                                  "condition has %s; a %s rule may ask for gt or gte, since an "
                                  "alert that further events could take back is not sent",
                                  operators[operator], correlation_types[rule->type]);
    }
    range_of(rule, &least, &most);
    if (rule->type == CORRELATION_TEMPORAL_ORDERED && least < (int64_t)rule->selection_count)
        return reading_refuse(reading, line, err,
                              "condition asks for %" PRId64 " of %zu named rules; temporal_ordered "
                              "wants all, in their order",
                              least, rule->selection_count);
    return 0;
}

static int read_percentile(const struct reading *reading, const struct node *condition,
                           struct correlation *rule, struct error *err)
{
    const struct node *percentile = document_get(condition, "percentile");
    int64_t value = 0;

    if (rule->type != CORRELATION_VALUE_PERCENTILE)
        return percentile ? reading_refuse(reading, percentile->line, err,
                                           "percentile is of value_percentile, not of %s",
                                           correlation_types[rule->type])
                          : 0;
    if (!percentile)
        return reading_refuse(reading, condition->line, err,
                              "condition has no percentile, from 1 to 99: Sigma's form does not "
                              "say which one is compared");
    if (reading_whole(reading, percentile, "percentile", 1, 99, &value, err) < 0)
        return -EINVAL;
    rule->percentile = (int)value;
    return 0;
}

static int read_fields(const struct reading *reading, const struct node *condition,
                       struct correlation *rule, struct error *err)
{
    const struct node *field = document_get(condition, "field");
    const struct node *items = field && field->kind == NODE_LIST ? field->items : field;
    size_t count = !field ? 0 : field->kind == NODE_LIST ? field->count : 1;
    size_t most = rule->type == CORRELATION_VALUE_COUNT ? CORRELATION_MAX_KEYS : 1;

    if (is_temporal(rule) || rule->type == CORRELATION_EVENT_COUNT)
        return field ? reading_refuse(reading, field->line, err,
                                      "field is of value_count and the like, not of %s",
                                      correlation_types[rule->type])
                     : 0;
    if (count == 0)
        return reading_refuse(reading, condition->line, err,
                              "condition has no field, whose values %s looks at",
                              correlation_types[rule->type]);
    if (count > most)
        return reading_refuse(reading, field->line, err,
                              "field has %zu names; of %s at most %zu are allowed", count,
                              correlation_types[rule->type], most);
    struct correlation_field *fields = arena_zero(reading->arena, count * sizeof(*fields));

    for (size_t i = 0; i < count; i++) {
        if (reading_field(reading, &items[i], "field", &fields[i], err) < 0)
            return -EINVAL;
    }
    rule->fields = fields;
    rule->field_count = count;
    return 0;
}

/* A temporal rule that does not say how many wants all that it names. */
static void want_all(const struct reading *reading, struct correlation *rule)
{
    struct correlation_bound *bound = ARENA_NEW(reading->arena, struct correlation_bound);

    *bound = (struct correlation_bound){CORRELATION_GTE, (int64_t)rule->selection_count};
    rule->bounds = bound;
    rule->bound_count = 1;
}

static bool only_grows(const struct correlation *rule)
{
    for (size_t i = 0; i < rule->bound_count; i++) {
        if (rule->bounds[i].operator!= CORRELATION_GT && rule->bounds[i].operator!= CORRELATION_GTE)
            return false;
    }
    return !is_measured(rule);
}

int bounds_read(const struct reading *reading, const struct node *block, struct correlation *rule,
                struct error *err)
{
    const struct node *condition = document_get(block, "condition");
    const struct node *where = condition ? condition : block;

    if (is_temporal(rule) && rule->selection_count < 2)
        return reading_refuse(reading, block->line, err,
                              "a %s rule names one rule; it is about two or more",
                              correlation_types[rule->type]);
    if (!condition && !is_temporal(rule))
        return reading_refuse(reading, block->line, err,
                              "correlation has no condition, as {gte: 5}");
    if (condition && condition->kind == NODE_SCALAR)
        return reading_refuse_value(reading, condition, "condition",
                                    "a map, as {gte: 5}; expressions of rule names are not taken",
                                    err);
    if (condition && (reading_keys(reading, condition, "condition", allowed, err) < 0 ||
                      read_fields(reading, condition, rule, err) < 0 ||
                      read_percentile(reading, condition, rule, err) < 0 ||
                      read_bounds(reading, condition, rule, err) < 0))
        return -EINVAL;
    if (rule->bound_count == 0 && !is_temporal(rule))
        return reading_refuse(reading, where->line, err,
                              "condition has none of gt, gte, lt, lte, eq, neq");
    if (rule->bound_count == 0)
        want_all(reading, rule);
    else if (check_range(reading, where->line, rule, err) < 0 ||
             (is_temporal(rule) && check_temporal(reading, where->line, rule, err) < 0))
        return -EINVAL;
    rule->grows = only_grows(rule);
    return 0;
}
