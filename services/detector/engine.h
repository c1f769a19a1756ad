/* engine: all patterns of all rules, read over a log once.
 *
 * Compiled from a ruleset, then read-only and shared; each thread has a scratch. Hyperscan finds
 * candidates in one pass over each form of each field, PCRE2 confirms what Hyperscan only
 * approximates, and stands alone for what it cannot take. tests/unit/engine_reference.h is the
 * plain matcher that must always give the same answer.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "detector/entry.h"
#include "detector/pattern.h"
#include "detector/rule.h"

struct engine;
struct engine_scratch;

struct engine_hit {
    const struct rule *rule;
    struct text pattern; /* the first of the rule's that matched */
    struct text field;   /* name of the field it matched in */
    struct text payload; /* that field, undecoded */
    struct pattern_capture captures[PATTERN_MAX_CAPTURES]; /* named groups: user, source_ip, … */
    size_t capture_count;
    bool is_unconfirmed; /* PCRE2 ran into a limit where Hyperscan had found it: no captures */
};

/* Compiles; @ruleset is borrowed and must outlive it. Fails when a pattern is wrong, can match the
 * empty text, or when a rule's own tests do not come out (self-test). */
struct engine *engine_new(const struct ruleset *ruleset, struct error *err);
void engine_free(struct engine *engine);
AUTO_FREE(engine)

struct engine_scratch *engine_scratch_new(const struct engine *engine);
void engine_scratch_free(struct engine_scratch *scratch);
AUTO_FREE(engine_scratch)

/* Do all rules look at nothing but the message? */
bool engine_reads_only_message(const struct engine *engine);

/* Every rule that fires on @entry, each once, in the order of the ruleset; hits live in @arena.
 * @logsource is the source's, for `where`. */
size_t engine_match(const struct engine *engine, struct engine_scratch *scratch,
                    const struct entry *entry, const struct text_map *logsource,
                    struct arena *arena, struct engine_hit **hits);

/* How often a rule's pattern ran into a PCRE2 limit in this scratch. That counts as a match where
 * Hyperscan took the whole pattern as it is, which the reference does not know; else as none. */
uint64_t engine_limit_hits(const struct engine_scratch *scratch, size_t rule);
/* Rules set apart because their patterns would slow all others; for warnings. */
size_t engine_slow_rules(const struct engine *engine, const struct rule ***rules);
