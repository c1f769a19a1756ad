/* correlations: `haechi correlations`: which rules look at many events, and whether they are right.
 */
#pragma once

#include "cli/options.h"

extern const struct command correlations_command;

int correlations_list(const struct arguments *arguments);
int correlations_check(const struct arguments *arguments);
int correlations_test(const struct arguments *arguments);
int correlations_explain(const struct arguments *arguments);
