/* warning_lists_find: does a list know this? */
#include "iocfeed/warning_lists_parts.h"

static bool is_asked(const struct list *list, enum ioc_type type, struct text misp_type)
{
    if (list->types & 1U << type)
        return true;
    for (size_t i = 0; misp_type.size && i < list->attributes.count; i++) {
        if (text_equal(list->attributes.items[i], misp_type))
            return true;
    }
    return false;
}

struct question {
    const struct warning_lists *lists;
    const struct indicator *found;
    struct text misp_type;
    struct warning_hit *hit;
};

static bool answer(const struct question *question, uint32_t list, struct text entry)
{
    if (!is_asked(&question->lists->lists[list], question->found->type, question->misp_type))
        return false;
    *question->hit = (struct warning_hit){question->lists->lists[list].name, entry};
    return true;
}

static bool ask_table(const struct question *question, const struct warning_table *table,
                      struct text key)
{
    const struct warning_entry *entry;
    size_t at = 0;

    while ((entry = warning_table_next(table, key, &at))) {
        if (answer(question, entry->list, entry->key))
            return true;
    }
    return false;
}

/* The whole range must lie in a listed one. */
static bool ask_ranges(const struct question *question, struct text value)
{
    struct cidr cidr, wider;
    char key[WARNING_RANGE_KEY];

    if (!cidr_parse(value, &cidr))
        return false;
    for (int prefix = cidr.prefix; prefix >= 0; prefix--) {
        if (!question->lists->prefixes[prefix])
            continue;
        wider = cidr_widen(&cidr, prefix);
        warning_lists_range_key(&wider, key);
        if (ask_table(question, &question->lists->ranges, (struct text){key, WARNING_RANGE_KEY})) {
            question->hit->entry = (struct text){0}; /* packed bytes say nothing to people */
            return true;
        }
    }
    return false;
}

static bool ask_hostnames(const struct question *question, struct text host)
{
    while (host.size > 0) {
        if (ask_table(question, &question->lists->hostnames, host))
            return true;
        host = text_slice(host, text_find_byte(host, '.') + 1, host.size);
    }
    return false;
}

static bool ask_substrings(const struct question *question, struct text value)
{
    const struct warning_lists *lists = question->lists;

    for (size_t i = 0; i < lists->substring_count; i++) {
        const struct substring *part = &lists->substrings[i];

        if (is_asked(&lists->lists[part->list], question->found->type, question->misp_type) &&
            text_find(value, part->text) < value.size && answer(question, part->list, part->text))
            return true;
    }
    return false;
}

static bool ask_patterns(const struct question *question, struct text value)
{
    const struct warning_lists *lists = question->lists;

    for (size_t i = 0; i < lists->pattern_count; i++) {
        const struct pattern *pattern = &lists->patterns[i];

        if (is_asked(&lists->lists[pattern->list], question->found->type, question->misp_type) &&
            pcre2_match(pattern->code, (PCRE2_SPTR)value.bytes, value.size, 0, 0, lists->match,
                        lists->bounds) >= 0)
            return answer(question, pattern->list, pattern->text);
    }
    return false;
}

bool warning_lists_find(const struct warning_lists *lists, const struct indicator *found,
                        struct text misp_type, struct warning_hit *hit)
{
    const struct question question = {lists, found, misp_type, hit};
    AUTO(arena) arena = arena_new(4096);
    struct text value = warning_lists_lower(found->value, arena);
    struct text host = found->type == IOC_DOMAIN ? found->value : found->host;

    if (ask_table(&question, &lists->strings, value) ||
        (found->type == IOC_URL && ask_table(&question, &lists->strings, host)))
        return true;
    if (found->type == IOC_IP || found->type == IOC_CIDR) {
        if (ask_ranges(&question, found->value))
            return true;
    } else if (host.size > 0 && (ask_hostnames(&question, host) || ask_ranges(&question, host))) {
        return true;
    }
    return ask_substrings(&question, value) || ask_patterns(&question, found->value);
}
