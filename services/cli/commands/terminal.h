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

/* The same of each of @mistakes, which are lines. */
void terminal_complain_of_all(const struct arguments *arguments, struct text mistakes);

/* Writes @text, in which all that others wrote is printable, to stdout at once. False (and a
 * complaint) when that fails: a full disk must not look like a good end. */
bool terminal_print(const struct arguments *arguments, struct text text);

/* The same of @json, of lines of valid JSON. On a terminal what it would obey is escaped. */
bool terminal_print_json(const struct arguments *arguments, struct text json);

/* The same of @text as others wrote it. On a terminal its lines are made printable. */
bool terminal_print_raw(const struct arguments *arguments, struct text text);
