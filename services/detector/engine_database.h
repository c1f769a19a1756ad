/* engine_database: the patterns that may stand in one field, for Hyperscan to find in one pass.
 *
 * What it finds is where a pattern may be; PCRE2 has the last word. Patterns that Hyperscan can
 * take only roughly are given to it in a form that finds at least as much.
 */
#pragma once

#include <hs.h>

#include "detector/engine_plan.h"

/* The flags with which Hyperscan takes @pattern's front, exactly or roughly; 0 if it does not. */
unsigned engine_database_flags(const struct engine_pattern *pattern);

/* One database of the patterns numbered @numbers, which it reports by these numbers. Those it
 * cannot take after all it marks is_alone in @plan. *@database is NULL when none is left. */
int engine_database_compile(struct engine_plan *plan, const uint32_t *numbers, size_t count,
                            hs_database_t **database, struct error *err);
