/* engine_plan: a ruleset numbered through, its patterns compiled one by one.
 *
 * What the engine and its reference share. Read-only once built.
 */
#pragma once

#include "detector/condition.h"
#include "detector/entry.h"
#include "detector/pattern.h"
#include "detector/rule.h"

struct engine_rule {
    const struct rule *rule;
    const struct condition *condition;
    const uint32_t *fields; /* of the plan, as many and in the order of the rule's */
    uint32_t first_pattern; /* its patterns, then its unless, are numbered on from here */
};

struct engine_pattern {
    struct pattern *pattern; /* owned */
    const char *front;       /* as much of it as Hyperscan needs to see */
    uint32_t rule;
    unsigned flags;   /* with which Hyperscan takes it; 0: not at all */
    bool is_positive; /* may make its rule fire, not just keep it from firing */
    bool is_alone;    /* PCRE2 has to look for it in every text */
    bool is_slow;     /* kept apart from the others */
    bool is_exact;    /* where Hyperscan finds it, it is */
};

struct engine_field {
    struct text name;
    int known;          /* enum entry_field; -1: a path */
    unsigned decodings; /* bit n is set: some rule on it has decode == n */
};

struct engine_plan {
    struct arena *arena;
    struct engine_rule
        *rules; /* numbered as in the ruleset; those with mode off have no patterns */
    size_t rule_count;
    struct engine_pattern *patterns;
    size_t pattern_count;
    struct engine_field fields[RULE_MAX_FIELDS];
    size_t field_count;
};

struct engine_plan *engine_plan_new(const struct ruleset *ruleset, struct error *err);
void engine_plan_free(struct engine_plan *plan);
AUTO_FREE(engine_plan)

/* Does @rule look at field number @field? */
bool engine_plan_looks_at(const struct engine_rule *rule, uint32_t field);
