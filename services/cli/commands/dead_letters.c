#include "cli/commands/dead_letters.h"

static const struct command *const commands[] = {
    &dead_letters_list_command, &dead_letters_show_command, &dead_letters_replay_command, NULL};

const struct command dead_letters_command = {.name = "dead-letters",
                                             .summary =
                                                 "Look at what was refused, and send it again",
                                             .commands = commands};
