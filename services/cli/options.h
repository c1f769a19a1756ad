/* options: the commands of a program and their options, as tables.
 *
 * From the same rows come the reading of a command line, --help, and errors that say what would
 * have been right. Options and operands may come in any order; "--" ends the options, and "-" is an
 * operand. `--name value`, `--name=value`, `-n value` and `-nvalue` are the same. Of an option
 * given twice the last counts, unless it is a list.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/settings.h"

enum option_kind {
    OPTION_ON,      /* bool, set */
    OPTION_OFF,     /* bool, cleared */
    OPTION_TEXT,    /* const char * */
    OPTION_TEXTS,   /* struct text_list; may be given again and again */
    OPTION_INTEGER, /* int64_t from minimum to maximum */
    OPTION_CHOICE,  /* int, index into choices; in any case of letters */
};

struct option_row {
    const char *name; /* without its dashes; NULL ends a table */
    char letter;      /* 0: none */
    enum option_kind kind;
    size_t offset;     /* in the command's config */
    const char *value; /* its name in --help: "FILE" */
    const char *help;
    const char *const *choices; /* ended by NULL */
    int64_t minimum, maximum;
};

/* A row of a kind without choices or bounds, @type being the command's config. */
#define OPTION_ROW(kind, name, letter, type, member, value, help)                  \
    {                                                                              \
        name, letter, kind, offsetof(struct type, member), value, help, NULL, 0, 0 \
    }

struct example {
    const char *line; /* NULL ends a table */
    const char *does;
};

struct arguments {
    const struct command *command;
    const char *path;   /* "haechi rules check" */
    const void *config; /* the command's defaults with the options applied */
    const char *const *operands;
    size_t count;
};

/* A command has either commands below it or a run(). */
struct command {
    const char *name;
    const char *summary;
    const char *operands; /* as --help shows them: "FILE…"; NULL: none */
    size_t least, most;   /* how many */
    const char *about;    /* paragraphs for --help, separated by an empty line; may be NULL */
    const struct example *examples;
    const struct option_row *options; /* without --help, which every command has */
    const void *defaults;             /* of the config, copied for a run */
    size_t config_size;
    const struct command *const *commands;         /* ended by NULL */
    int (*run)(const struct arguments *arguments); /* returns the exit status */
};

enum options_wish { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG };

/* Reads the words behind the program's name. All that @arguments points to is in @arena or @words.
 * OPTIONS_WRONG: @err says why, and @arguments has command and path as far as they were understood.
 * `help WORDS` is the same as `WORDS --help`. */
enum options_wish options_read(const struct command *root, const char *const *words, size_t count,
                               struct arena *arena, struct arguments *arguments, struct error *err);

/* What --help prints, for lines of at most @width columns. */
void options_help(const struct command *command, const char *path, size_t width, struct buf *out);
