#include "correlator/correlation.h"

const char *const correlation_types[] = {
    [CORRELATION_EVENT_COUNT] = "event_count",
    [CORRELATION_VALUE_COUNT] = "value_count",
    [CORRELATION_VALUE_SUM] = "value_sum",
    [CORRELATION_VALUE_AVG] = "value_avg",
    [CORRELATION_VALUE_PERCENTILE] = "value_percentile",
    [CORRELATION_TEMPORAL] = "temporal",
    [CORRELATION_TEMPORAL_ORDERED] = "temporal_ordered",
    [CORRELATION_SILENCE] = "expect",
    NULL,
};

static struct text value_of_log(struct text path, const struct event *event)
{
    for (size_t i = 0; i < event->fields.count; i++) {
        if (text_equal(event->fields.names[i], path))
            return event->fields.values[i];
    }
    return (struct text){0};
}

/* Compilers check that no field is forgotten. */
struct text correlation_value_of(const struct correlation_field *field, const struct event *event)
{
    switch (field->id) {
    case CORRELATION_FIELD_EVENT_ID:
        return event->event_id;
    case CORRELATION_FIELD_FINGERPRINT:
        return event->fingerprint;
    case CORRELATION_FIELD_EVENT_TYPE:
        return event->event_type;
    case CORRELATION_FIELD_RULE_ID:
        return event->rule_id;
    case CORRELATION_FIELD_RULE_TITLE:
        return event->rule_title;
    case CORRELATION_FIELD_THREAT_LEVEL:
        return text_of(event_levels[event->threat_level]);
    case CORRELATION_FIELD_SOURCE_IP:
        return event->source_ip;
    case CORRELATION_FIELD_TARGET_IP:
        return event->target_ip;
    case CORRELATION_FIELD_USER_AGENT:
        return event->user_agent;
    case CORRELATION_FIELD_USER:
        return event->user;
    case CORRELATION_FIELD_HOST:
        return event->host;
    case CORRELATION_FIELD_PAYLOAD:
        return event->payload;
    case CORRELATION_FIELD_TENANT:
        return event->tenant;
    case CORRELATION_FIELD_RAW_LOG:
        return event->raw_log;
    case CORRELATION_FIELD_OF_LOG:
        return value_of_log(field->path, event);
    case CORRELATION_FIELD_OF_SOURCE:
        break;
    }
    return (struct text){0};
}

/* '*' in @pattern stands for any bytes. Goes back to the last '*' only, so it is at most
 * size * size steps, and the first that fits is as good as any. */
static bool fits(struct text pattern, struct text value)
{
    size_t p = 0, v = 0, star = pattern.size, resume = 0;

    while (v < value.size) {
        if (p < pattern.size && pattern.bytes[p] == '*') {
            star = p++;
            resume = v;
        } else if (p < pattern.size && pattern.bytes[p] == value.bytes[v]) {
            p++;
            v++;
        } else if (star < pattern.size) {
            p = star + 1;
            v = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size && pattern.bytes[p] == '*')
        p++;
    return p == pattern.size;
}

static bool is_in(const struct cidr *range, struct text value)
{
    struct address address;

    return address_parse(value, &address) && cidr_contains(range, &address);
}

/* An absent field has no value, so that '*' asks whether it is there. */
static bool filter_holds(const struct correlation_filter *filter, const struct event *event)
{
    struct text found = correlation_value_of(&filter->field, event);

    for (size_t i = 0; i < filter->count && found.size > 0; i++) {
        const struct correlation_value *value = &filter->values[i];

        if (value->is_range ? is_in(&value->range, found) : fits(value->text, found))
            return true;
    }
    return false;
}

static bool names(struct text type, struct text name)
{
    if (text_ends(type, TEXT("*")))
        return text_starts(name, text_slice(type, 0, type.size - 1));
    return text_equal(type, name);
}

bool correlation_names(const struct correlation_selection *selection, const struct event *event)
{
    for (size_t i = 0; i < selection->type_count; i++) {
        if (names(selection->types[i], event->event_type) ||
            names(selection->types[i], event->rule_id))
            return true;
    }
    return false;
}

bool correlation_selects(const struct correlation_selection *selection, const struct event *event)
{
    if (event->threat_level < (int)selection->min_level || !correlation_names(selection, event))
        return false;
    for (size_t i = 0; i < selection->where_count; i++) {
        if (!filter_holds(&selection->where[i], event))
            return false;
    }
    for (size_t i = 0; i < selection->unless_count; i++) {
        if (filter_holds(&selection->unless[i], event))
            return false;
    }
    return true;
}

bool correlation_withholds(const struct correlation *correlation)
{
    return !correlation->generate && correlation->mode == MODE_ALERT &&
           correlation->type != CORRELATION_SILENCE;
}

static bool bound_holds(const struct correlation_bound *bound, int64_t value)
{
    switch (bound->operator) {
    case CORRELATION_GT:
        return value > bound->value;
    case CORRELATION_GTE:
        return value >= bound->value;
    case CORRELATION_LT:
        return value < bound->value;
    case CORRELATION_LTE:
        return value <= bound->value;
    case CORRELATION_EQ:
        return value == bound->value;
    case CORRELATION_NEQ:
        return value != bound->value;
    }
    return false;
}

bool correlation_bounds_hold(const struct correlation *correlation, int64_t value)
{
    for (size_t i = 0; i < correlation->bound_count; i++) {
        if (!bound_holds(&correlation->bounds[i], value))
            return false;
    }
    return true;
}
