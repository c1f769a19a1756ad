#include "cli/commands/correlations.h"

#include "cli/commands/correlations_options.h"

static const struct option_row list_rows[] = {
    CORRELATION_FILES_OPTIONS(correlations_options),
    OUTPUT_OPTION(correlations_options, output),
    {0},
};

static const struct option_row file_rows[] = {CORRELATION_FILES_OPTIONS(correlations_options), {0}};

static const struct example list_examples[] = {
    {"haechi correlations list", "the built-in correlations"},
    {"haechi correlations list --correlations own.yaml --output json",
     "with your own, one JSON object each"},
    {0},
};
static const struct example check_examples[] = {
    {"haechi correlations check own.yaml", "would it load, beside the built-in ones?"},
    {0},
};
static const struct example test_examples[] = {
    {"haechi correlations test own.yaml", "run the tests of its rules, and say which fail"},
    {0},
};
static const struct example explain_examples[] = {
    {"haechi correlations explain brute_force", "what it looks for, in which time, with a drawing"},
    {0},
};

static const struct command list_command = {.name = "list",
                                            .summary = "Show the correlations",
                                            .examples = list_examples,
                                            .options = list_rows,
                                            .config_size = sizeof(struct correlations_options),
                                            .run = correlations_list};
static const struct command check_command = {
    .name = "check",
    .summary = "Check that correlation files load",
    .operands = "FILE…",
    .least = 1,
    .most = SIZE_MAX,
    .about =
        "Reads the files together as the correlator would, on top of the built-in correlations. "
        "Of every rule the first mistake is reported, with file and line. A name that is nearly "
        "that of a built-in rule is noted. Exit status 1: a file would not load, or holds no rule.",
    .examples = check_examples,
    .options = file_rows,
    .config_size = sizeof(struct correlations_options),
    .run = correlations_check};
static const struct command test_command = {
    .name = "test",
    .summary = "Run the tests inside correlation files",
    .operands = "[FILE…]",
    .most = SIZE_MAX,
    .about =
        "Puts the events of each test through the windows that the correlator uses and "
        "compares the alerts: of the rules that the files say something of, or of all that are "
        "loaded where none is named. Exit status 1: a test failed, or what is named has none.",
    .examples = test_examples,
    .options = file_rows,
    .config_size = sizeof(struct correlations_options),
    .run = correlations_test};
static const struct command explain_command = {.name = "explain",
                                               .summary = "Explain what a correlation looks for",
                                               .operands = "RULE",
                                               .least = 1,
                                               .most = 1,
                                               .examples = explain_examples,
                                               .options = file_rows,
                                               .config_size = sizeof(struct correlations_options),
                                               .run = correlations_explain};

static const struct command *const commands[] = {&list_command, &check_command, &test_command,
                                                 &explain_command, NULL};

static const struct example group_examples[] = {
    {"haechi correlations explain brute_force", "what it looks for, in which time, with a drawing"},
    {"haechi correlations test own.yaml", "run the tests of its rules, and say which fail"},
    {0},
};

const struct command correlations_command = {.name = "correlations",
                                             .summary =
                                                 "Show, check, test and explain correlations",
                                             .examples = group_examples,
                                             .commands = commands};
