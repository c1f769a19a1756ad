#include "correlator/expect.h"

#include <errno.h>

#include "base/address.h"

/* What a detector says is up to two seconds old: less cannot be judged. */
enum { SHORTEST_MS = 5 * 1000, TENANT_MAX_BYTES = 256 };

static const char sources[][20] = {"topic", "logsource.product", "logsource.category",
                                   "logsource.service"};

static bool is_of_source(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        if (text_is(name, sources[i]))
            return true;
    }
    return false;
}

static bool is_of_all_logs(enum correlation_field_id id)
{
    return id == CORRELATION_FIELD_HOST || id == CORRELATION_FIELD_SOURCE_IP ||
           id == CORRELATION_FIELD_TARGET_IP || id == CORRELATION_FIELD_USER ||
           id == CORRELATION_FIELD_OF_LOG;
}

static int read_field(const struct reading *reading, const struct node *node,
                      struct correlation_field *field, struct error *err)
{
    if (node->kind == NODE_SCALAR && is_of_source(node->text)) {
        *field = (struct correlation_field){CORRELATION_FIELD_OF_SOURCE, node->text, {0}};
        return 0;
    }
    if (reading_field(reading, node, "field", field, err) < 0)
        return -EINVAL;
    if (is_of_all_logs(field->id))
        return 0;
    return reading_refuse(reading, node->line, err,
                          "field is '%.*s'; every log is asked for it, so it must be host, "
                          "source_ip, target_ip, user, topic, logsource.product, "
                          "logsource.category, logsource.service or fields.<path>",
                          TEXT_ARG(field->name));
}

/* Logs are compared by canonical form. */
static int read_addresses(const struct reading *reading, const struct node *node,
                          struct correlation_expect *into, struct error *err)
{
    struct text *values = arena_take(reading->arena, (into->count + 1) * sizeof(*values));

    for (size_t i = 0; i < into->count; i++) {
        AUTO_BUF written = {0};
        struct address address;

        if (!address_parse(into->values[i], &address))
            return reading_refuse(
                reading, node->line, err, "values has '%.*s'; of %.*s they are addresses",
                TEXT_ARG(text_cut(into->values[i], 80)), TEXT_ARG(into->field.name));
        address_write(&address, &written);
        values[i] = arena_copy(reading->arena, buf_text(&written));
    }
    into->values = values;
    return 0;
}

static int read_values(const struct reading *reading, const struct node *node,
                       struct correlation_expect *into, struct error *err)
{
    enum correlation_field_id id = into->field.id;

    if (reading_texts(reading, node, "values", &into->values, &into->count, err) < 0)
        return -EINVAL;
    if (into->count == 0)
        return reading_refuse(reading, node->line, err,
                              "values is empty; it must name at least one");
    return id == CORRELATION_FIELD_SOURCE_IP || id == CORRELATION_FIELD_TARGET_IP
               ? read_addresses(reading, node, into, err)
               : 0;
}

static int read_tenant(const struct reading *reading, const struct node *node,
                       struct correlation_expect *into, struct error *err)
{
    into->tenant = TEXT("default");
    return node ? reading_text(reading, node, "tenant", TENANT_MAX_BYTES, &into->tenant, err) : 0;
}

/* Each is looked for once. */
static int check_doubles(const struct reading *reading, const struct node *node,
                         const struct correlation_expect *expect, struct error *err)
{
    for (size_t i = 0; i < expect->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (text_equal(expect->values[i], expect->values[k]))
                return reading_refuse(reading, node->line, err, "values has '%.*s' twice",
                                      TEXT_ARG(text_cut(expect->values[i], 80)));
        }
    }
    return 0;
}

/* What only windows over events have. */
static int check_keys(struct reading *reading, const struct draft *draft, struct error *err)
{
    static const struct {
        enum draft_key key;
        const char *name, *why;
    } others[] = {
        {DRAFT_SUPPRESS, "suppress", "a silence is one alert until it ends"},
        {DRAFT_GENERATE, "generate", "it names no rules whose alerts it could stand for"},
    };

    for (size_t i = 0; i < COUNT_OF(others); i++) {
        const struct draft_given *given = &draft->given[others[i].key];

        if (!given->node)
            continue;
        reading->file = given->file;
        return reading_refuse(reading, given->node->line, err, "%s is not taken beside expect: %s",
                              others[i].name, others[i].why);
    }
    return 0;
}

int expect_read(struct reading *reading, const struct node *node, struct draft *draft,
                struct error *err)
{
    static const struct reading_key keys[] = {
        {"field", NULL}, {"values", NULL}, {"within", NULL}, {"tenant", NULL}, {0}};
    const struct node *field = document_get(node, "field"), *values = document_get(node, "values"),
                      *within = document_get(node, "within");
    struct correlation_expect *into = &draft->rule.expect;

    if (draft->given[DRAFT_CORRELATION].node)
        return reading_refuse(reading, node->line, err,
                              "a rule has a correlation or an expect, not both");
    if (reading_keys(reading, node, "expect", keys, err) < 0)
        return -EINVAL;
    if (!field || !values || !within)
        return reading_refuse(reading, node->line, err,
                              "expect has no '%s'; it needs field, values and within",
                              !field    ? "field"
                              : !values ? "values"
                                        : "within");
    if (read_field(reading, field, &into->field, err) < 0 ||
        read_values(reading, values, into, err) < 0 ||
        check_doubles(reading, values, into, err) < 0 ||
        reading_duration(reading, within, "within", SHORTEST_MS, &into->within_ms, err) < 0 ||
        read_tenant(reading, document_get(node, "tenant"), into, err) < 0 ||
        check_keys(reading, draft, err) < 0)
        return -EINVAL;
    draft->rule.type = CORRELATION_SILENCE;
    draft->rule.group_by = &into->field.name;
    draft->rule.group_count = 1;
    return 0;
}
