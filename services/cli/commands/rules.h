/* rules: `haechi rules`: what is looked for, whether it is right, and why it fires. */
#pragma once

#include "cli/options.h"

extern const struct command rules_command;

int rules_list(const struct arguments *arguments);
int rules_check(const struct arguments *arguments);
int rules_test(const struct arguments *arguments);
int rules_lint(const struct arguments *arguments);
int rules_explain(const struct arguments *arguments);
