#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/document.h"

static const struct option_row help_option = {
    .name = "help", .letter = 'h', .kind = OPTION_ON, .help = "show this help"};
static const struct option_row version_option = {
    .name = "version", .kind = OPTION_ON, .help = "show the version"};

/* One command line being read. */
struct reading {
    const char *const *words;
    size_t count;
    size_t at; /* the next word */
    struct arena *arena;
    struct arguments *arguments;
    char *config; /* arguments->config while it may still be written */
    const char **operands;
    bool is_root;
    enum options_wish wish;
    struct error *err;
};

static bool takes_value(const struct option_row *row)
{
    return row->kind != OPTION_ON && row->kind != OPTION_OFF;
}

static int wrong(struct reading *r, const char *problem, const char *nearest, const char *prefix)
{
    char hint[96] = "";

    if (nearest)
        snprintf(hint, sizeof(hint), "; did you mean %s%s?", prefix, nearest);
    return error_set(r->err, -EINVAL, "%s%s (%s --help shows what there is)", problem, hint,
                     r->arguments->path);
}

static const struct option_row *option_by_name(const struct reading *r, struct text name)
{
    if (text_is(name, help_option.name))
        return &help_option;
    if (r->is_root && text_is(name, version_option.name))
        return &version_option;
    for (const struct option_row *row = r->arguments->command->options; row && row->name; row++) {
        if (text_is(name, row->name))
            return row;
    }
    return NULL;
}

static const struct option_row *option_by_letter(const struct reading *r, char letter)
{
    if (letter == help_option.letter)
        return &help_option;
    for (const struct option_row *row = r->arguments->command->options; row && row->name; row++) {
        if (row->letter == letter && letter)
            return row;
    }
    return NULL;
}

static int unknown_option(struct reading *r, struct text name)
{
    const char *names[64] = {help_option.name};
    size_t count = 1;

    if (r->is_root)
        names[count++] = version_option.name;
    for (const struct option_row *row = r->arguments->command->options; row && row->name; row++) {
        if (count < COUNT_OF(names))
            names[count++] = row->name;
    }
    char problem[128];

    snprintf(problem, sizeof(problem), "--%.*s is not an option", TEXT_ARG(text_cut(name, 60)));
    return wrong(r, problem, document_nearest(name, names, count), "--");
}

static int set_integer(struct reading *r, const struct option_row *row, const char *value)
{
    int64_t number = 0;

    if (!text_to_integer(text_of(value), &number) || number < row->minimum || number > row->maximum)
        return error_set(r->err, -EINVAL,
                         "--%s is '%.60s'; it may be a whole number from %lld to %lld", row->name,
                         value, (long long)row->minimum, (long long)row->maximum);
    memcpy(r->config + row->offset, &number, sizeof(number));
    return 0;
}

static int set_choice(struct reading *r, const struct option_row *row, const char *value)
{
    AUTO_BUF allowed = {0};

    for (int i = 0; row->choices[i]; i++) {
        if (text_equal_nocase(text_of(value), text_of(row->choices[i]))) {
            memcpy(r->config + row->offset, &i, sizeof(i));
            return 0;
        }
        buf_addf(&allowed, "%s%s",
                 i == 0                ? ""
                 : row->choices[i + 1] ? ", "
                                       : " or ",
                 row->choices[i]);
    }
    return error_set(r->err, -EINVAL, "--%s is '%.60s'; it may be %s", row->name, value,
                     buf_string(&allowed));
}

static void append_text(struct reading *r, struct text_list *list, const char *value)
{
    const char **items = arena_take(r->arena, (list->count + 1) * sizeof(*items));

    if (list->count)
        memcpy(items, list->items, list->count * sizeof(*items));
    items[list->count] = value;
    list->items = items;
    list->count++;
}

static int set(struct reading *r, const struct option_row *row, const char *value)
{
    if (row == &help_option || row == &version_option) {
        r->wish = row == &help_option ? OPTIONS_HELP : OPTIONS_VERSION;
        return 0;
    }
    switch (row->kind) {
    case OPTION_ON:
    case OPTION_OFF:
        *(bool *)(void *)(r->config + row->offset) = row->kind == OPTION_ON;
        return 0;
    case OPTION_TEXT:
        memcpy(r->config + row->offset, &value, sizeof(value));
        return 0;
    case OPTION_TEXTS:
        append_text(r, (struct text_list *)(void *)(r->config + row->offset), value);
        return 0;
    case OPTION_INTEGER:
        return set_integer(r, row, value);
    case OPTION_CHOICE:
        return set_choice(r, row, value);
    }
    return 0;
}

/* The option's value: what stands behind '=' or the letter, else the next word. */
static int set_with_value(struct reading *r, const struct option_row *row, const char *attached)
{
    if (!takes_value(row)) {
        if (attached)
            return error_set(r->err, -EINVAL, "--%s takes no value", row->name);
        return set(r, row, NULL);
    }
    bool is_next_option = r->at < r->count && strncmp(r->words[r->at], "--", 2) == 0;

    /* A variable that was empty in a script must not eat the next option. */
    if (!attached && (r->at == r->count || is_next_option))
        return error_set(r->err, -EINVAL, "--%s wants a value: --%s %s", row->name, row->name,
                         row->value);
    return set(r, row, attached ? attached : r->words[r->at++]);
}

static int read_long(struct reading *r, const char *word)
{
    const char *equals = strchr(word, '=');
    struct text name = equals ? (struct text){word, (size_t)(equals - word)} : text_of(word);
    const struct option_row *row = option_by_name(r, name);

    if (!row)
        return unknown_option(r, name);
    return set_with_value(r, row, equals ? equals + 1 : NULL);
}

static int read_letters(struct reading *r, const char *word)
{
    for (; *word; word++) {
        const struct option_row *row = option_by_letter(r, *word);

        if (!row) {
            char problem[32];

            snprintf(problem, sizeof(problem), "-%c is not an option", *word);
            return wrong(r, problem, NULL, "");
        }
        if (takes_value(row))
            return set_with_value(r, row, word[1] ? word + 1 : NULL);
        set(r, row, NULL);
    }
    return 0;
}

static const struct command *command_find(const struct command *const *commands, const char *name)
{
    for (; *commands; commands++) {
        if (strcmp((*commands)->name, name) == 0)
            return *commands;
    }
    return NULL;
}

static int unknown_command(struct reading *r, const char *word)
{
    const char *names[32];
    size_t count = 0;

    for (const struct command *const *c = r->arguments->command->commands; *c; c++) {
        if (count < COUNT_OF(names))
            names[count++] = (*c)->name;
    }
    char problem[128];

    snprintf(problem, sizeof(problem), "'%.60s' is not a command of %s", word, r->arguments->path);
    return wrong(r, problem, document_nearest(text_of(word), names, count), "");
}

static void enter(struct reading *r, const struct command *command)
{
    struct arguments *a = r->arguments;

    a->path =
        a->command ? arena_textf(r->arena, "%s %s", a->path, command->name).bytes : command->name;
    r->is_root = !a->command;
    a->command = command;
    r->config = arena_zero(r->arena, command->config_size ? command->config_size : 1);
    if (command->defaults)
        memcpy(r->config, command->defaults, command->config_size);
    a->config = r->config;
}

static int read_word(struct reading *r, const char *word, bool *options_over)
{
    struct arguments *a = r->arguments;

    if (!*options_over && strcmp(word, "--") == 0) {
        *options_over = true;
        return 0;
    }
    if (!*options_over && word[0] == '-' && word[1] == '-')
        return read_long(r, word + 2);
    if (!*options_over && word[0] == '-' && word[1])
        return read_letters(r, word + 1);
    if (a->command->commands) {
        const struct command *below = command_find(a->command->commands, word);

        if (!below)
            return unknown_command(r, word);
        enter(r, below);
        return 0;
    }
    r->operands[a->count++] = word;
    return 0;
}

static int check_operands(struct reading *r)
{
    const struct command *command = r->arguments->command;
    size_t count = r->arguments->count;

    if (command->commands)
        return wrong(r, "a command is missing", NULL, "");
    if (count > command->most)
        return error_set(r->err, -EINVAL, "'%.60s' is one word too many: %s%s%s takes %s",
                         r->operands[command->most], r->arguments->path,
                         command->operands ? " " : "", command->operands ? command->operands : "",
                         command->most ? "no more" : "none");
    if (count < command->least)
        return error_set(r->err, -EINVAL, "%s is missing (%s --help shows how it is used)",
                         command->operands, r->arguments->path);
    return 0;
}

enum options_wish options_read(const struct command *root, const char *const *words, size_t count,
                               struct arena *arena, struct arguments *arguments, struct error *err)
{
    struct reading r = {
        .words = words, .count = count, .arena = arena, .arguments = arguments, .err = err};
    bool options_over = false;

    *arguments = (struct arguments){0};
    r.operands = arena_take(arena, (count + 1) * sizeof(*r.operands));
    arguments->operands = r.operands;
    enter(&r, root);
    if (count && strcmp(words[0], "help") == 0) {
        r.wish = OPTIONS_HELP;
        r.at = 1;
    }
    while (r.at < r.count) {
        if (read_word(&r, r.words[r.at++], &options_over) < 0)
            return OPTIONS_WRONG;
    }
    if (r.wish != OPTIONS_RUN)
        return r.wish;
    return check_operands(&r) < 0 ? OPTIONS_WRONG : OPTIONS_RUN;
}

/* Columns of @t, which is our own text: UTF-8 without wide or combining characters. */
static size_t columns(struct text t)
{
    size_t sum = 0;

    for (size_t i = 0; i < t.size; i++)
        sum += ((unsigned char)t.bytes[i] & 0xC0) != 0x80;
    return sum;
}

/* @text in lines of at most @width columns, the second and later ones indented by @indent; the
 * caller has written @at columns of the first. A line break in @text stays one. */
static void add_wrapped(struct buf *out, const char *text, size_t at, size_t indent, size_t width)
{
    struct text lines = text_of(text), line, word;

    for (bool first_line = true; text_split(&lines, '\n', &line); first_line = false) {
        bool is_line_start = true;

        if (!first_line) {
            buf_addf(out, "\n%*s", line.size ? (int)indent : 0, "");
            at = indent;
        }
        while (text_split(&line, ' ', &word)) {
            if (!is_line_start && at + 1 + columns(word) > width) {
                buf_addf(out, "\n%*s", (int)indent, "");
                at = indent;
                is_line_start = true;
            }
            at += columns(word) + !is_line_start;
            buf_add_string(out, is_line_start ? "" : " ");
            buf_add(out, word);
            is_line_start = false;
        }
    }
    buf_add_byte(out, '\n');
}

enum { HELP_COLUMN = 28 };

/* "  -f, --format FORMAT       how …" */
static void add_entry(struct buf *out, struct text left, const char *right, size_t width)
{
    size_t used = 2 + columns(left);

    buf_addf(out, "  %.*s", TEXT_ARG(left));
    if (used + 2 > HELP_COLUMN) {
        buf_addf(out, "\n");
        used = 0;
    }
    buf_addf(out, "%*s", (int)(HELP_COLUMN - used), "");
    add_wrapped(out, right, HELP_COLUMN, HELP_COLUMN, width);
}

static void add_option(struct buf *out, const struct option_row *row, size_t width)
{
    AUTO_BUF left = {0};
    AUTO_BUF right = {0};

    if (row->letter)
        buf_addf(&left, "-%c, ", row->letter);
    else
        buf_add_string(&left, "    ");
    buf_addf(&left, "--%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
    buf_add_string(&right, row->help);
    for (int i = 0; row->kind == OPTION_CHOICE && row->choices[i]; i++)
        buf_addf(&right, "%s%s", i == 0 ? ": " : ", ", row->choices[i]);
    add_entry(out, buf_text(&left), buf_string(&right), width);
}

static void add_usage(struct buf *out, const struct command *command, const char *path)
{
    buf_addf(out, "Usage: %s", path);
    if (command->commands)
        buf_add_string(out, " COMMAND");
    if (command->options)
        buf_add_string(out, " [OPTION…]");
    if (command->operands)
        buf_addf(out, " %s", command->operands);
    buf_addf(out, "\n\n%s.\n", command->summary);
}

void options_help(const struct command *command, const char *path, size_t width, struct buf *out)
{
    add_usage(out, command, path);
    if (command->about) {
        buf_add_byte(out, '\n');
        add_wrapped(out, command->about, 0, 0, width);
    }
    if (command->commands) {
        buf_add_string(out, "\nCommands:\n");
        for (const struct command *const *c = command->commands; *c; c++)
            add_entry(out, text_of((*c)->name), (*c)->summary, width);
    }
    buf_add_string(out, "\nOptions:\n");
    for (const struct option_row *row = command->options; row && row->name; row++)
        add_option(out, row, width);
    add_option(out, &help_option, width);
    if (!strchr(path, ' '))
        add_option(out, &version_option, width);
    if (command->examples)
        buf_add_string(out, "\nExamples:\n");
    for (const struct example *e = command->examples; e && e->line; e++) {
        buf_addf(out, "  %s\n      ", e->line);
        add_wrapped(out, e->does, 6, 6, width);
    }
    if (command->commands)
        buf_addf(out, "\n'%s COMMAND --help' says more about a command.\n", path);
}
