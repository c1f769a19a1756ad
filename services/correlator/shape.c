#include "correlator/shape.h"

#include "base/buf.h"
#include "base/digest.h"

/* Each part behind its length, so that none can be taken for another. */
static void add_number(struct buf *into, int64_t number)
{
    buf_addf(into, "%lld;", (long long)number);
}

static void add_text(struct buf *into, struct text text)
{
    add_number(into, (int64_t)text.size);
    buf_add(into, text);
}

static void add_filters(struct buf *into, const struct correlation_filter *filters, size_t count)
{
    add_number(into, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        add_text(into, filters[i].field.name);
        add_number(into, (int64_t)filters[i].count);
        for (size_t k = 0; k < filters[i].count; k++)
            add_text(into, filters[i].values[k].text);
    }
}

static void add_selection(struct buf *into, const struct correlation *rule,
                          const struct correlation_selection *selection)
{
    add_number(into, (int64_t)selection->type_count);
    for (size_t i = 0; i < selection->type_count; i++)
        add_text(into, selection->types[i]);
    add_number(into, (int64_t)selection->min_level);
    add_filters(into, selection->where, selection->where_count);
    add_filters(into, selection->unless, selection->unless_count);
    for (size_t i = 0; i < rule->group_count; i++)
        add_text(into, selection->keys[i].name);
}

static void add_rule(struct buf *into, const struct correlation *rule)
{
    add_number(into, (int64_t)rule->type);
    add_number(into, rule->timespan_ms);
    add_number(into, (int64_t)rule->group_count);
    for (size_t i = 0; i < rule->group_count; i++)
        add_text(into, rule->group_by[i]);
    add_number(into, (int64_t)rule->field_count);
    for (size_t i = 0; i < rule->field_count; i++)
        add_text(into, rule->fields[i].name);
    add_number(into, (int64_t)rule->selection_count);
    for (size_t i = 0; i < rule->selection_count; i++) {
        const struct correlation_selection *selection = &rule->selections[i];

        add_number(into, selection->correlation != NULL);
        if (!selection->correlation)
            add_selection(into, rule, selection);
    }
}

uint64_t shape_of(const struct correlation *rule)
{
    AUTO_BUF whole = {0};
    char hex[33];
    uint64_t shape = 0;

    add_text(&whole, rule->id);
    add_number(&whole, rule->suppress_ms);
    add_rule(&whole, rule);
    for (size_t i = 0; i < rule->selection_count; i++) {
        if (rule->selections[i].correlation)
            add_rule(&whole, rule->selections[i].correlation);
    }
    struct text text = buf_text(&whole);

    digest_md5_concat(&text, 1, hex);
    for (size_t i = 0; i < 2 * (size_t)SHAPE_BYTES; i++)
        shape = shape << 4 | (uint64_t)(hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);
    return shape;
}
