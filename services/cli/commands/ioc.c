#include "cli/commands/ioc.h"

static const struct command *const commands[] = {
    &ioc_check_command,  &ioc_add_command,     &ioc_remove_command,
    &ioc_import_command, &ioc_export_command,  &ioc_stats_command,
    &ioc_feeds_command,  &ioc_explain_command, NULL};

static const struct example group_examples[] = {
    {"haechi ioc check 203.0.113.7 'hxxp://evil[.]example/a'", "are these known?"},
    {"haechi ioc add --threat-type c2 203.0.113.7", "look for it from now on"},
    {0},
};

const struct command ioc_command = {
    .name = "ioc",
    .summary = "Check, add, import, export and explain indicators of compromise",
    .examples = group_examples,
    .commands = commands};
