/* output: JSON lines for programs, a table for people. */
#pragma once

#include "cli/commands/terminal.h"

enum output { OUTPUT_AUTO, OUTPUT_JSON, OUTPUT_TABLE };

extern const char *const output_choices[]; /* auto, json, table */

/* The row for it, @type being the command's config with an int `output`. */
#define OUTPUT_OPTION(type)                                                                       \
    {                                                                                             \
        "output", 'o', OPTION_CHOICE, offsetof(struct type, output), "FORMAT",                    \
            "output format; auto is a table on a terminal, JSON lines elsewhere", output_choices, \
            0, 0                                                                                  \
    }

/* What AUTO means here. */
enum output output_of(int wish, const struct terminal *terminal);
