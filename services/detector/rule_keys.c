#include "detector/rule_keys.h"

#include <errno.h>
#include <stdlib.h>

#include "detector/pattern.h"

enum { MAX_PER_MINUTE = 1000000000 };

static int refuse(const struct rule_reader *reader, const struct node *node, const char *key,
                  const char *allowed, struct error *err)
{
    char found[80];

    return rule_file_refuse(reader, node->line, err, "%s is %s; it must be %s", key,
                            document_describe(node, found, sizeof(found)), allowed);
}

/* A list of texts; one text is a list of one. Items are neither empty nor lists themselves. */
static int read_texts(struct rule_reader *reader, const struct node *node, const char *key,
                      struct rule_texts *texts, struct error *err)
{
    const struct node *items = node->kind == NODE_LIST ? node->items : node;
    size_t count = node->kind == NODE_LIST ? node->count : 1;
    struct text *copy = arena_take(reader->arena, (count + 1) * sizeof(*copy));

    if (node->kind != NODE_LIST && node->kind != NODE_SCALAR)
        return refuse(reader, node, key, "a list of texts", err);
    if (count > RULE_MAX_ITEMS)
        return rule_file_refuse(reader, node->line, err, "%s has %zu items; at most %d are allowed",
                                key, count, RULE_MAX_ITEMS);
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind != NODE_SCALAR || items[i].text.size == 0)
            return refuse(reader, &items[i], key, "a list of texts, none of them empty", err);
        copy[i] = items[i].text;
    }
    *texts = (struct rule_texts){copy, count};
    return 0;
}

/* The texts of @key as patterns: each must compile. */
static int read_patterns(struct rule_reader *reader, const struct node *node, const char *key,
                         struct rule_texts *texts, struct error *err)
{
    if (read_texts(reader, node, key, texts, err) < 0)
        return -EINVAL;
    for (size_t i = 0; i < texts->count; i++) {
        struct error reason = {0};
        AUTO(pattern) pattern = pattern_new(texts->items[i], &reason);

        if (!pattern)
            return rule_file_refuse(reader,
                                    node->kind == NODE_LIST ? node->items[i].line : node->line, err,
                                    "%s", reason.text);
    }
    return 0;
}

int rule_keys_patterns(struct rule_reader *reader, const struct node *node,
                       struct rule_draft *draft, struct error *err)
{
    struct rule_texts texts = {0};

    if (read_patterns(reader, node, "patterns", &texts, err) < 0)
        return -EINVAL;
    if (texts.count == 0)
        return rule_file_refuse(reader, node->line, err,
                                "patterns is empty; a rule needs at least one");
    draft->rule.patterns = texts.items;
    draft->rule.pattern_count = texts.count;
    return 0;
}

/* It may well match the empty text: a pattern stands behind it. */
static int read_front(struct rule_reader *reader, const struct node *node, const char *key,
                      struct text *front, struct error *err)
{
    struct error reason = {0};

    if (node->kind != NODE_SCALAR || node->text.size == 0)
        return refuse(reader, node, key, "a pattern", err);
    AUTO(pattern)
    pattern = pattern_new(arena_textf(reader->arena, "%.*s(?:.)", TEXT_ARG(node->text)), &reason);

    if (!pattern)
        return rule_file_refuse(reader, node->line, err, "%s: %s", key, reason.text);
    *front = node->text;
    return 0;
}

static int read_prefix(struct rule_reader *reader, const struct node *node,
                       struct rule_draft *draft, struct error *err)
{
    return read_front(reader, node, "prefix", &draft->rule.prefix, err);
}

static int read_unless_prefix(struct rule_reader *reader, const struct node *node,
                              struct rule_draft *draft, struct error *err)
{
    return read_front(reader, node, "unless_prefix", &draft->rule.unless_prefix, err);
}

static int read_unless(struct rule_reader *reader, const struct node *node,
                       struct rule_draft *draft, struct error *err)
{
    struct rule_texts texts = {0};

    if (read_patterns(reader, node, "unless", &texts, err) < 0)
        return -EINVAL;
    draft->rule.unless = texts.items;
    draft->rule.unless_count = texts.count;
    return 0;
}

int rule_keys_level(struct rule_reader *reader, const struct node *node, struct rule_draft *draft,
                    struct error *err)
{
    if (node->kind != NODE_SCALAR || !event_level_parse(node->text, &draft->rule.level))
        return refuse(reader, node, "threat_level", "LOW, MEDIUM, HIGH or CRITICAL", err);
    return 0;
}

int rule_keys_confidence(struct rule_reader *reader, const struct node *node,
                         struct rule_draft *draft, struct error *err)
{
    const char *text = node->kind == NODE_SCALAR ? node->text.bytes : "";
    char *end = NULL;
    double value = strtod(text, &end);

    /* strspn: strtod also takes "nan", "0x1" and blanks in front. */
    if (text[0] == '\0' || strspn(text, "0123456789.eE+-") != node->text.size || *end != '\0' ||
        !(value >= 0 && value <= 1))
        return refuse(reader, node, "confidence", "a number from 0 to 1", err);
    draft->rule.confidence = value;
    return 0;
}

static int read_title(struct rule_reader *reader, const struct node *node, struct rule_draft *draft,
                      struct error *err)
{
    if (node->kind != NODE_SCALAR || node->text.size == 0)
        return refuse(reader, node, "title", "a text", err);
    draft->rule.title = node->text;
    return 0;
}

static int read_fields(struct rule_reader *reader, const struct node *node,
                       struct rule_draft *draft, struct error *err)
{
    struct rule_texts texts = {0};

    if (read_texts(reader, node, "fields", &texts, err) < 0)
        return -EINVAL;
    if (texts.count == 0)
        return rule_file_refuse(reader, node->line, err,
                                "fields is empty; a rule looks at one at least (message, if it "
                                "names none)");
    for (size_t i = 0; i < texts.count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (text_equal(texts.items[i], texts.items[k]))
                return rule_file_refuse(reader, node->line, err, "fields names '%.*s' twice",
                                        TEXT_ARG(texts.items[i]));
        }
    }
    draft->rule.fields = texts.items;
    draft->rule.field_count = texts.count;
    return 0;
}

static int read_decode(struct rule_reader *reader, const struct node *node,
                       struct rule_draft *draft, struct error *err)
{
    static const struct {
        const char *name;
        unsigned step;
    } steps[] = {{"url", DECODE_URL}, {"html", DECODE_HTML}, {"escapes", DECODE_ESCAPES}};
    struct rule_texts texts = {0};

    if (read_texts(reader, node, "decode", &texts, err) < 0)
        return -EINVAL;
    for (size_t i = 0; i < texts.count; i++) {
        size_t k = 0;

        while (k < COUNT_OF(steps) && !text_is(texts.items[i], steps[k].name))
            k++;
        if (k == COUNT_OF(steps))
            return rule_file_refuse(
                reader, node->line, err,
                "decode has '%.*s'; it may hold url, html and escapes, or be [] "
                "for none",
                TEXT_ARG(texts.items[i]));
        draft->rule.decode |= steps[k].step;
    }
    return 0;
}

static bool is_logsource_key(struct text key)
{
    return text_is(key, "product") || text_is(key, "category") || text_is(key, "service");
}

static int read_where(struct rule_reader *reader, const struct node *node, struct rule_draft *draft,
                      struct error *err)
{
    const struct node *logsource = document_get(node, "logsource");

    if (!logsource || node->count != 1 || logsource->kind != NODE_MAP)
        return refuse(reader, node, "where", "a map with logsource, itself a map", err);
    const char **names = arena_take(reader->arena, (logsource->count + 1) * sizeof(char *));
    const char **values = arena_take(reader->arena, (logsource->count + 1) * sizeof(char *));

    for (size_t i = 0; i < logsource->count; i++) {
        const struct node_pair *pair = &logsource->pairs[i];

        if (!is_logsource_key(pair->key))
            return rule_file_refuse(reader, pair->line, err,
                                    "where.logsource has '%.*s'; it may hold product, category and "
                                    "service",
                                    TEXT_ARG(pair->key));
        if (pair->value.kind != NODE_SCALAR || pair->value.text.size == 0)
            return refuse(reader, &pair->value, pair->key.bytes, "a text", err);
        names[i] = pair->key.bytes;
        values[i] = pair->value.text.bytes;
    }
    draft->rule.where_logsource = (struct text_map){names, values, logsource->count};
    return 0;
}

static int read_tags(struct rule_reader *reader, const struct node *node, struct rule_draft *draft,
                     struct error *err)
{
    struct rule_texts texts = {0};

    if (read_texts(reader, node, "tags", &texts, err) < 0)
        return -EINVAL;
    draft->rule.tags = texts.items;
    draft->rule.tag_count = texts.count;
    return 0;
}

static int read_actions(struct rule_reader *reader, const struct node *node,
                        struct rule_draft *draft, struct error *err)
{
    if (node->kind != NODE_MAP)
        return refuse(reader, node, "actions", "a map of en and ko, each a list of texts", err);
    for (size_t i = 0; i < node->count; i++) {
        const struct node_pair *pair = &node->pairs[i];
        struct rule_texts *texts = text_is(pair->key, "en")   ? &draft->rule.actions_en
                                   : text_is(pair->key, "ko") ? &draft->rule.actions_ko
                                                              : NULL;

        if (!texts)
            return rule_file_refuse(reader, pair->line, err,
                                    "actions has '%.*s'; its languages are en and ko",
                                    TEXT_ARG(pair->key));
        if (read_texts(reader, &pair->value, "actions", texts, err) < 0)
            return -EINVAL;
    }
    return 0;
}

static int read_attack(struct rule_reader *reader, const struct node *node,
                       struct rule_draft *draft, struct error *err)
{
    if (rule_file_check_name(reader, "attack", node, err) < 0)
        return -EINVAL;
    draft->attack = node->text;
    return 0;
}

static int read_max_per_minute(struct rule_reader *reader, const struct node *node,
                               struct rule_draft *draft, struct error *err)
{
    int64_t value = 0;

    if (node->kind != NODE_SCALAR || !text_to_integer(node->text, &value) || value < 1 ||
        value > MAX_PER_MINUTE)
        return refuse(reader, node, "max_per_minute", "a whole number from 1 to 1000000000", err);
    draft->rule.max_per_minute = value;
    return 0;
}

static int read_mode(struct rule_reader *reader, const struct node *node, struct rule_draft *draft,
                     struct error *err)
{
    static const char *const modes[] = {
        [RULE_ALERT] = "alert", [RULE_SHADOW] = "shadow", [RULE_OFF] = "off"};

    for (size_t i = 0; node->kind == NODE_SCALAR && i < COUNT_OF(modes); i++) {
        if (!text_is(node->text, modes[i]))
            continue;
        draft->rule.mode = (enum rule_mode)i;
        return 0;
    }
    return refuse(reader, node, "mode", "alert, shadow or off", err);
}

static int read_boolean(struct rule_reader *reader, const struct node *node, const char *key,
                        bool *value, struct error *err)
{
    if (node->kind != NODE_SCALAR || node->quoted ||
        !(text_is(node->text, "true") || text_is(node->text, "false")))
        return refuse(reader, node, key, "true or false", err);
    *value = text_is(node->text, "true");
    return 0;
}

static int read_enabled(struct rule_reader *reader, const struct node *node,
                        struct rule_draft *draft, struct error *err)
{
    return read_boolean(reader, node, "enabled", &draft->enabled, err);
}

static int read_test(struct rule_reader *reader, const struct node *node, struct rule_test *test,
                     struct error *err)
{
    const struct node *log = document_get(node, "log"), *match = document_get(node, "match");

    if (!log || !match || node->count != 2)
        return refuse(reader, node, "a test", "a map of log and match", err);
    if (log->kind != NODE_SCALAR || log->text.size == 0)
        return refuse(reader, log, "log", "a text", err);
    test->log = log->text;
    test->file = reader->file;
    test->line = node->line;
    return read_boolean(reader, match, "match", &test->match, err);
}

static int read_tests(struct rule_reader *reader, const struct node *node, struct rule_draft *draft,
                      struct error *err)
{
    if (node->kind != NODE_LIST || node->count > RULE_MAX_ITEMS)
        return refuse(reader, node, "tests", "a list of at most 1000 tests", err);
    struct rule_test *tests = arena_zero(reader->arena, (node->count + 1) * sizeof(*tests));

    for (size_t i = 0; i < node->count; i++) {
        if (read_test(reader, &node->items[i], &tests[i], err) < 0)
            return -EINVAL;
    }
    draft->rule.tests = tests;
    draft->rule.test_count = node->count;
    return 0;
}

const struct rule_key rule_keys_yaml[] = {
    {"id", NULL, 0}, /* read before all others, for errors */
    {"title", read_title, RULE_GIVES_TITLE},
    {"threat_level", rule_keys_level, RULE_GIVES_LEVEL},
    {"confidence", rule_keys_confidence, RULE_GIVES_CONFIDENCE},
    {"fields", read_fields, RULE_GIVES_FIELDS},
    {"decode", read_decode, RULE_GIVES_DECODE},
    {"prefix", read_prefix, RULE_GIVES_PREFIX},
    {"patterns", rule_keys_patterns, RULE_GIVES_PATTERNS},
    {"unless", read_unless, RULE_GIVES_UNLESS},
    {"unless_prefix", read_unless_prefix, RULE_GIVES_UNLESS_PREFIX},
    {"where", read_where, RULE_GIVES_WHERE},
    {"tags", read_tags, RULE_GIVES_TAGS},
    {"actions", read_actions, RULE_GIVES_ACTIONS},
    {"attack", read_attack, RULE_GIVES_ATTACK},
    {"max_per_minute", read_max_per_minute, RULE_GIVES_MAX_PER_MINUTE},
    {"mode", read_mode, RULE_GIVES_MODE},
    {"tests", read_tests, RULE_GIVES_TESTS},
    {"enabled", read_enabled, RULE_GIVES_ENABLED},
};
const size_t rule_keys_yaml_count = COUNT_OF(rule_keys_yaml);
