/* engine_reference: the plain matcher, every pattern one by one over every text.
 *
 * Slow, and simple enough to be believed: what engine.h finds is held against it by a property
 * test, a fuzz target and a bench.
 */
#pragma once

#include <stdlib.h>

#include "detector/engine.h"
#include "detector/engine_judge.h"

struct engine_reference {
    struct engine_plan *plan;
    struct engine_judge judge;
};

/* @ruleset is borrowed and must outlive it. Not for more than one thread. */
static inline struct engine_reference *engine_reference_new(const struct ruleset *ruleset,
                                                            struct error *err)
{
    struct engine_plan *plan = engine_plan_new(ruleset, err);

    if (!plan)
        return NULL;
    struct engine_reference *reference = mem_zero(sizeof(*reference));

    reference->plan = plan;
    engine_judge_init(&reference->judge, plan);
    return reference;
}

static inline void engine_reference_free(struct engine_reference *reference)
{
    if (!reference)
        return;
    engine_judge_done(&reference->judge);
    engine_plan_free(reference->plan);
    free(reference);
}

AUTO_FREE(engine_reference)

/* As engine_match(). */
static inline size_t engine_reference_match(struct engine_reference *reference,
                                            const struct entry *entry,
                                            const struct text_map *logsource, struct arena *arena,
                                            struct engine_hit **hits)
{
    size_t count = 0;

    *hits = arena_take(arena, (reference->plan->rule_count + 1) * sizeof(**hits));
    engine_judge_read(&reference->judge, entry, arena);
    for (size_t i = 0; i < reference->plan->rule_count; i++)
        count += engine_judge_fires(&reference->judge, i, logsource, arena, &(*hits)[count]);
    return count;
}
