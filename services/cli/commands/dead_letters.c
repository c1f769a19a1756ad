#include "cli/commands/dead_letters.h"

static const struct command *const commands[] = {
    &dead_letters_list_command, &dead_letters_show_command, &dead_letters_replay_command, NULL};

static const struct example group_examples[] = {
    {"haechi dead-letters list --since 1d --open", "what was refused since yesterday?"},
    {"haechi dead-letters replay 0:42", "send one of them again"},
    {0},
};

const struct command dead_letters_command = {.name = "dead-letters",
                                             .summary =
                                                 "Inspect what was refused, and send it again",
                                             .examples = group_examples,
                                             .commands = commands};
