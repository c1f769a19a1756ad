/* events: `haechi events tail`. */
#pragma once

#include "cli/options.h"

extern const struct command events_command;
