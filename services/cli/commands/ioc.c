#include "cli/commands/ioc.h"

static const struct command *const commands[] = {&ioc_import_command, &ioc_explain_command, NULL};

const struct command ioc_command = {
    .name = "ioc", .summary = "Indicators of compromise: import, explain", .commands = commands};
