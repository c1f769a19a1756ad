/* engine_parts: the inside of an engine, for engine.c and its self-test. */
#pragma once

#include <hs.h>

#include "detector/engine_judge.h"

/* The databases of one field. Either may be NULL. */
struct engine_scan {
    hs_database_t *quick;
    hs_database_t *slow; /* patterns that would slow the others */
};

struct engine {
    struct engine_plan *plan;
    struct engine_scan scans[RULE_MAX_FIELDS]; /* as the plan's fields */
    uint32_t *alone;                           /* patterns that only PCRE2 can look for */
    size_t alone_count;
    const struct rule **slow_rules;
    size_t slow_count;
};

/* Runs the rules' own tests. A test that should match and does not, although PCRE2 finds it, is a
 * fault of Hyperscan's: its rule's patterns are marked is_alone and *@faults counts it. Any other
 * that does not come out is an error. */
int engine_test_run(const struct engine *engine, size_t *faults, struct error *err);
