/* windows: `haechi windows show`: what Redis holds on an entity. */
#pragma once

#include "cli/options.h"

extern const struct command windows_command;
