/* ioc_feed_forget: `haechi ioc feeds forget`. */
#pragma once

#include "cli/options.h"

extern const struct command ioc_feed_forget_command;
