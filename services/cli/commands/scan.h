/* scan: `haechi scan`: log files in, events out, no server. */
#pragma once

#include "cli/options.h"

extern const struct command scan_command;
