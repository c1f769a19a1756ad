#include "cli/commands/ioc.h"

static const struct command *const commands[] = {
    &ioc_check_command,  &ioc_add_command,     &ioc_remove_command,
    &ioc_import_command, &ioc_export_command,  &ioc_stats_command,
    &ioc_feeds_command,  &ioc_explain_command, NULL};

const struct command ioc_command = {
    .name = "ioc",
    .summary = "Indicators of compromise: check, add, import, export, explain",
    .commands = commands};
