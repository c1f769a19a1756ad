/* ioc: `haechi ioc`, indicators of compromise for people. */
#pragma once

#include "cli/options.h"

extern const struct command ioc_command;

/* Its commands, each in its own file. */
extern const struct command ioc_import_command;
extern const struct command ioc_explain_command;
