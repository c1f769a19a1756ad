/* engine_judge: what one log says in all its forms, and whether a rule fires on it.
 *
 * Working memory of one thread. The engine tells it which patterns may be where; without that
 * (the reference) it looks for every pattern everywhere.
 */
#pragma once

#include "detector/engine.h"
#include "detector/engine_plan.h"

struct engine_text {
    struct text text;
    uint32_t field;  /* of the plan */
    unsigned decode; /* 0: as it came; else the steps of the rules that this form is for */
};

enum { ENGINE_MAX_TEXTS = RULE_MAX_FIELDS * (1 + DECODE_ALL * DECODE_MAX_FORMS) };

struct engine_judge {
    const struct engine_plan *plan; /* borrowed */
    struct pattern_matcher *matcher;
    struct arena *forms;
    struct engine_text *texts;
    size_t text_count;
    const uint64_t *candidates;     /* borrowed; by pattern: bit n % 64 is set if text n may match.
                                       NULL: any may */
    uint64_t *limit_hits;           /* by rule */
    const struct engine_rule *rule; /* being judged */
    bool hit_limit;
    bool is_unconfirmed; /* what was looked for last is there by Hyperscan's word alone */
};

void engine_judge_init(struct engine_judge *judge, const struct engine_plan *plan);
void engine_judge_done(struct engine_judge *judge);

/* Fills in texts, as they came first and then by decodings; fields that the log has not are left
 * out. Values that had to be made live in @arena, forms until the next call. */
void engine_judge_read(struct engine_judge *judge, const struct entry *entry, struct arena *arena);

/* Does rule number @rule fire? Then @hit is filled in, captures in @arena. The pattern is the first
 * in the rule's order that is found in any form of any of its fields. */
bool engine_judge_fires(struct engine_judge *judge, size_t rule, const struct text_map *logsource,
                        struct arena *arena, struct engine_hit *hit);
