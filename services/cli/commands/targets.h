/* targets: `haechi targets list` and `test`. */
#pragma once

#include "cli/options.h"

extern const struct command targets_command;
