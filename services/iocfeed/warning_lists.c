#include "iocfeed/warning_lists_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <yyjson.h>

#include "base/arena_json.h"
#include "iocfeed/json_path.h"

enum { ALL_TYPES = (1 << IOC_TYPES) - 1, MATCH_LIMIT = 100000 };

struct warning_lists *warning_lists_new(void)
{
    struct warning_lists *lists = mem_zero(sizeof(*lists));

    lists->arena = arena_new(256 * 1024);
    lists->match = pcre2_match_data_create(1, NULL);
    lists->bounds = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(lists->bounds, MATCH_LIMIT);
    return lists;
}

void warning_lists_free(struct warning_lists *lists)
{
    if (!lists)
        return;
    for (size_t i = 0; i < lists->pattern_count; i++)
        pcre2_code_free(lists->patterns[i].code);
    pcre2_match_data_free(lists->match);
    pcre2_match_context_free(lists->bounds);
    warning_table_done(&lists->strings);
    warning_table_done(&lists->hostnames);
    warning_table_done(&lists->ranges);
    free(lists->substrings);
    free(lists->patterns);
    free(lists->lists);
    arena_free(lists->arena);
    free(lists);
}

struct text warning_lists_lower(struct text t, struct arena *arena)
{
    char *bytes = arena_take(arena, t.size + 1);

    for (size_t i = 0; i < t.size; i++)
        bytes[i] = t.bytes[i] >= 'A' && t.bytes[i] <= 'Z' ? (char)(t.bytes[i] | 0x20) : t.bytes[i];
    bytes[t.size] = '\0';
    return (struct text){bytes, t.size};
}

/* What a MISP type is here; composites only by their own name. */
static unsigned types_of(struct text attribute)
{
    static const struct {
        const char *name;
        unsigned types;
    } attributes[] = {
        {"ip-src", 1 << IOC_IP | 1 << IOC_CIDR},
        {"ip-dst", 1 << IOC_IP | 1 << IOC_CIDR},
        {"domain", 1 << IOC_DOMAIN},
        {"hostname", 1 << IOC_DOMAIN},
        {"url", 1 << IOC_URL},
        {"uri", 1 << IOC_URL},
        {"md5", 1 << IOC_MD5},
        {"sha1", 1 << IOC_SHA1},
        {"sha256", 1 << IOC_SHA256},
        {"email", 1 << IOC_EMAIL},
        {"email-src", 1 << IOC_EMAIL},
        {"email-dst", 1 << IOC_EMAIL},
    };

    for (size_t i = 0; i < COUNT_OF(attributes); i++) {
        if (text_is(attribute, attributes[i].name))
            return attributes[i].types;
    }
    return 0;
}

void warning_lists_range_key(const struct cidr *cidr, char key[WARNING_RANGE_KEY])
{
    key[0] = (char)(cidr->prefix + 1);
    memcpy(key + 1, cidr->first.bytes, sizeof(cidr->first.bytes));
}

static bool add_range(struct warning_lists *lists, uint32_t list, struct text entry)
{
    struct cidr cidr;
    char key[WARNING_RANGE_KEY];

    if (!cidr_parse(entry, &cidr))
        return false;
    warning_lists_range_key(&cidr, key);
    lists->prefixes[cidr.prefix] = true;
    warning_table_add(&lists->ranges,
                      arena_copy(lists->arena, (struct text){key, WARNING_RANGE_KEY}), list);
    return true;
}

static bool add_hostname(struct warning_lists *lists, uint32_t list, struct text entry)
{
    struct text name = warning_lists_lower(entry, lists->arena);

    if (text_starts(name, TEXT("*.")))
        name = text_slice(name, 2, name.size);
    if (text_starts(name, TEXT(".")))
        name = text_slice(name, 1, name.size);
    if (text_ends(name, TEXT(".")))
        name.size--;
    warning_table_add(&lists->hostnames, name, list);
    return name.size > 0;
}

static bool add_string(struct warning_lists *lists, uint32_t list, struct text entry)
{
    struct address address;

    /* Upstream's "google" has ".google.com" under this type, where nothing ever equals it. */
    if (text_starts(entry, TEXT(".")))
        return add_hostname(lists, list, entry);
    if (address_parse(entry, &address)) /* in whatever form */
        return add_range(lists, list, entry);
    warning_table_add(&lists->strings, warning_lists_lower(entry, lists->arena), list);
    return entry.size > 0;
}

static bool add_substring(struct warning_lists *lists, uint32_t list, struct text entry)
{
    if (entry.size == 0)
        return false;
    lists->substrings = mem_grow(lists->substrings, lists->substring_count,
                                 &lists->substring_capacity, sizeof(*lists->substrings));
    lists->substrings[lists->substring_count++] =
        (struct substring){warning_lists_lower(entry, lists->arena), list};
    return true;
}

/* "/pattern/i": PHP's form, with any delimiter. */
static bool add_pattern(struct warning_lists *lists, uint32_t list, struct text entry)
{
    uint32_t options = PCRE2_UTF;
    struct text body = entry;
    PCRE2_SIZE where;
    int code;

    if (entry.size > 2 && strchr("/#~!", entry.bytes[0])) {
        size_t end = entry.size - 1;

        while (end > 0 && entry.bytes[end] != entry.bytes[0])
            end--;
        for (size_t i = end + 1; end > 0 && i < entry.size; i++)
            options |= entry.bytes[i] == 'i'   ? PCRE2_CASELESS
                       : entry.bytes[i] == 's' ? PCRE2_DOTALL
                       : entry.bytes[i] == 'm' ? PCRE2_MULTILINE
                       : entry.bytes[i] == 'x' ? PCRE2_EXTENDED
                                               : 0;
        if (end > 0)
            body = text_slice(entry, 1, end);
    }
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)body.bytes, body.size, options, &code, &where, NULL);

    if (!compiled)
        return false;
    lists->patterns = mem_grow(lists->patterns, lists->pattern_count, &lists->pattern_capacity,
                               sizeof(*lists->patterns));
    lists->patterns[lists->pattern_count++] =
        (struct pattern){compiled, arena_copy(lists->arena, entry), list};
    return true;
}

static const struct {
    const char *type;
    bool (*add)(struct warning_lists *lists, uint32_t list, struct text entry);
} adders[] = {
    {"string", add_string}, {"substring", add_substring}, {"hostname", add_hostname},
    {"cidr", add_range},    {"regex", add_pattern},
};

static uint32_t new_list(struct warning_lists *lists, struct text name)
{
    lists->lists = mem_grow(lists->lists, lists->count, &lists->capacity, sizeof(*lists->lists));
    lists->lists[lists->count] = (struct list){
        .name = arena_textf(lists->arena, "%.*s", TEXT_ARG(name)).bytes, .types = ALL_TYPES};
    lists->size.lists++;
    return (uint32_t)lists->count++;
}

static void set_attributes(struct warning_lists *lists, struct list *list, yyjson_val *attributes)
{
    size_t i, max, count = yyjson_arr_size(attributes);
    yyjson_val *value;

    if (count == 0)
        return;
    list->types = 0;
    list->attributes.items = arena_take(lists->arena, count * sizeof(struct text));
    yyjson_arr_foreach(attributes, i, max, value)
    {
        struct text name = json_path_text(value);

        list->types |= types_of(name);
        list->attributes.items[list->attributes.count++] = arena_copy(lists->arena, name);
    }
}

static void add_entries(struct warning_lists *lists, uint32_t list, size_t adder,
                        yyjson_val *entries)
{
    size_t i, max;
    yyjson_val *value;

    yyjson_arr_foreach(entries, i, max, value)
    {
        struct text entry = text_trim(json_path_text(value));

        if (adders[adder].add(lists, list, entry))
            lists->size.entries++;
        else
            lists->size.unusable++;
    }
}

int warning_lists_add(struct warning_lists *lists, const char *name, struct text json,
                      struct error *err)
{
    AUTO(arena) arena = arena_new(64 * 1024);
    yyjson_val *root = arena_json_read(arena, json, err);

    if (!root) {
        error_prefix(err, "%s", name);
        return -EBADMSG;
    }
    yyjson_val *type = yyjson_obj_get(root, "type"), *title = yyjson_obj_get(root, "name");
    yyjson_val *entries = yyjson_obj_get(root, "list");
    struct text type_name = json_path_text(type);

    if (!yyjson_is_arr(entries))
        return error_set(err, -EBADMSG, "%s: a warning list needs a `list`", name);
    for (size_t i = 0; i < COUNT_OF(adders); i++) {
        if (!text_is(type_name, adders[i].type))
            continue;
        struct text shown = json_path_text(title);
        uint32_t list = new_list(lists, shown.size ? shown : text_of(name));

        set_attributes(lists, &lists->lists[list], yyjson_obj_get(root, "matching_attributes"));
        add_entries(lists, list, i, entries);
        return 0;
    }
    return error_set(err, -EBADMSG,
                     "%s: type is '%.*s'; it may be string, substring, hostname, cidr or regex",
                     name, TEXT_ARG(type_name));
}

static bool allow(struct warning_lists *lists, uint32_t list, struct text entry)
{
    const struct indicator_rules rules = {.refang = true, .looking_up = true};
    struct indicator found;

    if (add_range(lists, list, entry))
        return true;
    if (indicator_read(entry, INDICATOR_ANY, &rules, lists->arena, &found) != INDICATOR_GOOD)
        return false;
    return found.type == IOC_DOMAIN ? add_hostname(lists, list, found.value)
                                    : add_string(lists, list, found.value);
}

int warning_lists_allow(struct warning_lists *lists, const char *name, struct text lines,
                        struct error *err)
{
    uint32_t list = new_list(lists, text_of(name));
    struct text line;

    for (int number = 1; text_split(&lines, '\n', &line); number++) {
        line = text_trim(text_slice(line, 0, text_find_byte(line, '#')));
        if (line.size == 0)
            continue;
        if (!allow(lists, list, line))
            return error_set(
                err, -EBADMSG,
                "%s:%d: '%.*s' is not an address, range, domain, URL, hash or mail address", name,
                number, TEXT_ARG(line));
        lists->size.entries++;
    }
    return 0;
}

struct warning_lists_size warning_lists_size(const struct warning_lists *lists)
{
    return lists->size;
}
