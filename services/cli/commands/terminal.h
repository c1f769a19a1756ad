/* terminal: what a stream leads to, and how we speak there. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "cli/options.h"

struct terminal {
    bool is_terminal;
    bool colour;  /* it is one that knows colours, and nobody said NO_COLOR (no-color.org) */
    size_t width; /* columns; 0 where it is no terminal */
};

struct terminal terminal_of(FILE *stream);

/* "haechi scan: <sentence>" on stderr, made printable. Returns the exit status 1. */
int terminal_complain(const struct arguments *arguments, const struct error *err);

/* Writes @text to stdout at once. False (and a complaint) when that fails: a full disk must not
 * look like a good end. */
bool terminal_print(const struct arguments *arguments, struct text text);
