/* rule_keys: the keys of one rule, each read and checked by a function of its own. */
#pragma once

#include "detector/rule_file.h"

typedef int rule_keys_read(struct rule_reader *reader, const struct node *node,
                           struct rule_draft *draft, struct error *err);

/* Those that the older JSON form has too. */
rule_keys_read rule_keys_patterns, rule_keys_level, rule_keys_confidence;

/* All keys of a rule in a YAML file. */
extern const struct rule_key rule_keys_yaml[];
extern const size_t rule_keys_yaml_count;
