/* deliveries: `haechi deliveries`. */
#pragma once

#include "cli/options.h"

extern const struct command deliveries_command;
