/* The older JSON form of rules: category -> attack -> its patterns. */
#include <errno.h>

#include "detector/rule_keys.h"

static const struct rule_key keys[] = {
    {"patterns", rule_keys_patterns, RULE_GIVES_PATTERNS},
    {"threat_level", rule_keys_level, RULE_GIVES_LEVEL},
    {"confidence_boost", rule_keys_confidence, RULE_GIVES_CONFIDENCE},
};

/* A key of a map, checked as the names of YAML rules are. */
static int check_name(const struct rule_reader *reader, const char *what,
                      const struct node_pair *pair, struct error *err)
{
    struct node name = {.kind = NODE_SCALAR, .line = pair->line, .text = pair->key};

    return rule_file_check_name(reader, what, &name, err);
}

static int read_attack(struct rule_reader *reader, const struct node_pair *pair, struct error *err)
{
    char found[80];

    if (check_name(reader, "attack", pair, err) < 0)
        return -EINVAL;
    struct rule_draft *draft = rule_file_draft(reader, pair->key, pair->line);

    draft->is_refused = pair->value.kind != NODE_MAP;
    if (draft->is_refused)
        return rule_file_refuse(reader, pair->line, err,
                                "found %s; an attack is a map with patterns",
                                document_describe(&pair->value, found, sizeof(found)));
    rule_file_read_keys(reader, &pair->value, keys, COUNT_OF(keys), draft);
    return 0;
}

static int read_category(struct rule_reader *reader, const struct node_pair *pair,
                         struct error *err)
{
    char found[80];

    if (check_name(reader, "category", pair, err) < 0)
        return -EINVAL;
    if (pair->value.kind != NODE_MAP)
        return rule_file_refuse(
            reader, pair->line, err, "category '%.*s' is %s; it must be a map of attacks",
            TEXT_ARG(pair->key), document_describe(&pair->value, found, sizeof(found)));
    reader->category = pair->key;
    for (size_t i = 0; i < pair->value.count; i++) {
        struct error wrong = {0};

        if (read_attack(reader, &pair->value.pairs[i], &wrong) < 0)
            mistakes_add(reader->mistakes, &wrong);
        reader->rule_id = (struct text){0};
    }
    return 0;
}

void rule_older_read(struct rule_reader *reader, const struct node *root)
{
    for (size_t i = 0; i < root->count; i++) {
        struct error err = {0};

        if (read_category(reader, &root->pairs[i], &err) < 0)
            mistakes_add(reader->mistakes, &err);
    }
}
