/* topics: `haechi topics create`. */
#pragma once

#include "cli/options.h"

extern const struct command topics_command;
