#include "cli/commands/correlation_words.h"

#include <inttypes.h>

#include "base/number.h"

static bool is_measured(const struct correlation *rule)
{
    return rule->type == CORRELATION_VALUE_SUM || rule->type == CORRELATION_VALUE_AVG ||
           rule->type == CORRELATION_VALUE_PERCENTILE;
}

static bool is_temporal(const struct correlation *rule)
{
    return rule->type == CORRELATION_TEMPORAL || rule->type == CORRELATION_TEMPORAL_ORDERED;
}

static void write_bounds(const struct correlation *rule, struct buf *out)
{
    static const char *const signs[] = {
        [CORRELATION_GT] = ">",   [CORRELATION_GTE] = ">=", [CORRELATION_LT] = "<",
        [CORRELATION_LTE] = "<=", [CORRELATION_EQ] = "=",   [CORRELATION_NEQ] = "!=",
    };

    for (size_t i = 0; i < rule->bound_count; i++) {
        const struct correlation_bound *bound = &rule->bounds[i];

        buf_addf(out, "%s%s ", i ? " and " : "", signs[bound->operator]);
        if (is_measured(rule))
            number_write_double((double)bound->value / 1000, out);
        else
            number_write_integer(bound->value, out);
    }
}

void correlation_words_condition(const struct correlation *rule, struct buf *out)
{
    if (rule->type == CORRELATION_SILENCE) {
        buf_addf(out, "each of %zu %.*s", rule->expect.count, TEXT_ARG(rule->expect.field.name));
        return;
    }
    if (is_temporal(rule)) {
        bool is_all = !correlation_bounds_hold(rule, (int64_t)rule->selection_count - 1);

        if (is_all)
            buf_add_string(out, "all");
        else
            write_bounds(rule, out);
        buf_addf(out, " of %zu", rule->selection_count);
        return;
    }
    if (rule->type == CORRELATION_VALUE_PERCENTILE)
        buf_addf(out, "p%d ", rule->percentile);
    write_bounds(rule, out);
    for (size_t i = 0; i < rule->field_count; i++)
        buf_addf(out, "%s%.*s", i ? ", " : " of ", TEXT_ARG(rule->fields[i].name));
}

void correlation_words_span(int64_t ms, struct buf *out)
{
    static const struct {
        int64_t ms;
        char unit;
    } units[] = {{86400000, 'd'}, {3600000, 'h'}, {60000, 'm'}};

    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (ms > 0 && ms % units[i].ms == 0) {
            buf_addf(out, "%" PRId64 "%c", ms / units[i].ms, units[i].unit);
            return;
        }
    }
    buf_addf(out, "%" PRId64 "s", ms / 1000);
}

const char *correlation_words_mode(const struct correlation *rule)
{
    if (!rule->alerts)
        return "off";
    return rule->mode == MODE_SHADOW ? "shadow" : "alert";
}

void correlation_words_groups(const struct correlation *rule, struct buf *out)
{
    for (size_t i = 0; i < rule->group_count; i++)
        buf_addf(out, "%s%.*s", i ? ", " : "", TEXT_ARG(rule->group_by[i]));
    if (rule->group_count == 0)
        buf_add_string(out, "-");
}
