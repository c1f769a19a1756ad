/* engine_reference: the plain matcher, every pattern one by one over every text.
 *
 * Slow, and simple enough to be believed: what engine.h finds is held against it by a property
 * test, a fuzz target and the self-test at load.
 */
#pragma once

#include "detector/engine.h"

struct engine_reference;

/* @ruleset is borrowed and must outlive it. Not for more than one thread. */
struct engine_reference *engine_reference_new(const struct ruleset *ruleset, struct error *err);
void engine_reference_free(struct engine_reference *reference);
AUTO_FREE(engine_reference)

/* As engine_match(). */
size_t engine_reference_match(struct engine_reference *reference, const struct entry *entry,
                              const struct text_map *logsource, struct arena *arena,
                              struct engine_hit **hits);
