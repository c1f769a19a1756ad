/* ioc_feed_test: `haechi ioc feeds test`. */
#pragma once

#include "cli/options.h"

extern const struct command ioc_feed_test_command;
