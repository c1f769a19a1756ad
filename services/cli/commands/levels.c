#include "cli/commands/levels.h"

const char *const levels_names[] = {"low", "medium", "high", "critical", NULL};
