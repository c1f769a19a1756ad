/* output: JSON lines for programs, a table for people. */
#pragma once

#include "cli/commands/terminal.h"

enum output { OUTPUT_AUTO, OUTPUT_JSON, OUTPUT_TABLE };

extern const char *const output_choices[]; /* auto, json, table */

/* The row for it, @type being the command's config and @member an int in it. */
#define OUTPUT_OPTION(type, member)                                                               \
    {                                                                                             \
        "output", 'o', OPTION_CHOICE, offsetof(struct type, member), "FORMAT",                    \
            "output format; auto is a table on a terminal, JSON lines elsewhere", output_choices, \
            0, 0                                                                                  \
    }

/* What AUTO means here. */
enum output output_of(int wish, const struct terminal *terminal);

/* Writes @text, which is of that @output, as terminal.h does. */
bool output_print(const struct arguments *arguments, enum output output, struct text text);
