/* alerts_show: `haechi alerts show`: one alert with its events, found in the topics. */
#pragma once

#include "cli/options.h"

extern const struct command alerts_show_command;
