/* dead_letters: `haechi dead-letters list`, `show` and `replay`. */
#pragma once

#include "cli/options.h"

extern const struct command dead_letters_command;
extern const struct command dead_letters_list_command;
extern const struct command dead_letters_show_command;
extern const struct command dead_letters_replay_command;
