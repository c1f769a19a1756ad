/* trial_status: how `rules test` and `correlations test` end. */
#pragma once

#include "cli/options.h"

/* Shows @summary. Returns the exit status: 1 where a test failed, or where files were named and
 * none of their rules had a test that could be run, which is said. */
int trial_status(const struct arguments *arguments, struct text summary, size_t passed,
                 size_t failed);
