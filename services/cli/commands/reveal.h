/* reveal: `haechi reveal`. */
#pragma once

#include "cli/options.h"

extern const struct command reveal_command;
