/* trial_run: the tests that rules carry, put through the windows that the correlator uses, or of
 * `expect:` rules through the steps by which it calls a source silent. */
#pragma once

#include "correlator/correlations.h"

/* Whether tests of @rule can come out at all: a rule that writes no alerts has nothing to show. */
bool trial_run_is_possible(const struct correlation *rule);

/* Feeds the events or logs of @test, in the order of their times, to all of @rules and compares the
 * final alerts of @rule with those it wants. -EINVAL with @err: they differ, and how. */
int trial_run(const struct correlations *rules, const struct correlation *rule,
              const struct correlation_test *test, struct error *err);
