/* alerts: `haechi alerts`: what was alerted. */
#pragma once

#include "cli/options.h"

extern const struct command alerts_command;
