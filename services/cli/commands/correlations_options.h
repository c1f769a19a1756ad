/* correlations_options: the options of the commands of `haechi correlations`. */
#pragma once

#include "cli/commands/correlation_files.h"
#include "cli/commands/output.h"

struct correlations_options {
    struct correlation_options correlations;
    int output; /* enum output */
};
