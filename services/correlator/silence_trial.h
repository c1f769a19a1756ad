/* silence_trial: what an `expect:` rule says to the logs of a test, by the steps that a correlator
 * takes (silence.h), with detectors that live and have read everything.
 */
#pragma once

#include "correlator/silence.h"

/* The alerts as they are at the end of the test, their times from CORRELATION_TEST_START on; in
 * @arena, or borrowed from the rule. */
const struct alert *silence_trial(const struct correlation *rule,
                                  const struct correlation_test *test, struct arena *arena,
                                  size_t *count);
