/* ioc: `haechi ioc`, indicators of compromise for people. */
#pragma once

#include "cli/options.h"

extern const struct command ioc_command;

/* Its commands, each in its own file. */
extern const struct command ioc_check_command;
extern const struct command ioc_add_command;
extern const struct command ioc_remove_command;
extern const struct command ioc_import_command;
extern const struct command ioc_export_command;
extern const struct command ioc_stats_command;
extern const struct command ioc_feeds_command;
extern const struct command ioc_explain_command;
