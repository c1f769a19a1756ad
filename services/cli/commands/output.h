/* output: JSON lines for programs, a table for people. */
#pragma once

#include "cli/commands/terminal.h"

enum output { OUTPUT_AUTO, OUTPUT_JSON, OUTPUT_TABLE };

extern const char *const output_choices[]; /* auto, json, table */
#define OUTPUT_HELP "how to write; auto is a table on a terminal, else JSON lines"

/* What AUTO means here. */
enum output output_of(int wish, const struct terminal *terminal);
