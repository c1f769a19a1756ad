#include "cli/commands/rules.h"

#include "cli/commands/logsource.h"
#include "cli/commands/rules_options.h"

static const struct option_row list_rows[] = {
    RULE_FILES_OPTIONS(rules_options),
    OUTPUT_OPTION(rules_options, output),
    {0},
};

static const struct option_row file_rows[] = {RULE_FILES_OPTIONS(rules_options), {0}};

static const struct option_row explain_rows[] = {
    RULE_FILES_OPTIONS(rules_options),
    {"format", 'f', OPTION_CHOICE, offsetof(struct rules_options, format), "FORMAT",
     LOGSOURCE_FORMAT_HELP, logsource_formats, 0, 0},
    {"logsource", 0, OPTION_TEXTS, offsetof(struct rules_options, logsource), "KEY=VALUE",
     LOGSOURCE_HELP, NULL, 0, 0},
    {0},
};

static const struct example list_examples[] = {
    {"haechi rules list", "the built-in rules"},
    {"haechi rules list --rules my-rules/ --output json", "with your own, one JSON object each"},
    {0},
};
static const struct example check_examples[] = {
    {"haechi rules check my-rules.yaml", "would it load, beside the built-in rules?"},
    {0},
};
static const struct example test_examples[] = {
    {"haechi rules test my-rules.yaml", "run the tests of its rules, and say which fail"},
    {0},
};
static const struct example lint_examples[] = {
    {"haechi rules lint --rules my-rules.yaml", "what could be better: speed, tests, titles"},
    {0},
};
static const struct example explain_examples[] = {
    {"haechi rules explain web_attacks.xss", "what the rule looks for"},
    {"haechi rules explain web_attacks.xss 'GET /?q=%3Cscript%3Ealert(1)'",
     "why it fires on this log, or why not"},
    {0},
};

static const struct command list_command = {.name = "list",
                                            .summary = "Show the rules",
                                            .examples = list_examples,
                                            .options = list_rows,
                                            .config_size = sizeof(struct rules_options),
                                            .run = rules_list};
static const struct command check_command = {
    .name = "check",
    .summary = "Check that rule files load",
    .operands = "FILE…",
    .least = 1,
    .most = SIZE_MAX,
    .about = "Reads each file as the detector would, on top of the built-in rules: syntax, keys, "
             "patterns, and the tests that its rules carry. Every mistake is reported with file, "
             "line and rule; of tests that do not come out, the first (rules test shows all). Exit "
             "status 1: a file would not load, or holds no rule.",
    .examples = check_examples,
    .options = file_rows,
    .config_size = sizeof(struct rules_options),
    .run = rules_check};
static const struct command test_command = {
    .name = "test",
    .summary = "Run the tests inside rule files",
    .operands = "[FILE…]",
    .most = SIZE_MAX,
    .about = "Runs the tests of the rules in the files, or of all rules that are loaded where none "
             "is named, and reports each that fails. Exit status 1: a test failed, or "
             "what is named has none.",
    .examples = test_examples,
    .options = file_rows,
    .config_size = sizeof(struct rules_options),
    .run = rules_test};
static const struct command explain_command = {
    .name = "explain",
    .summary = "Explain why a log does or does not match a rule",
    .operands = "RULE [LOG]",
    .least = 1,
    .most = 2,
    .about =
        "Without LOG: what the rule looks for. With it: each text that the rule looks at, with "
        "the forms that decoding makes of it, and for each pattern whether it is found there. LOG "
        "is one line, or - to read it from stdin. Exit status 1: the rule does not fire.",
    .examples = explain_examples,
    .options = explain_rows,
    .config_size = sizeof(struct rules_options),
    .run = rules_explain};
static const struct command lint_command = {
    .name = "lint",
    .summary = "Suggest improvements to rules",
    .about = "Examines all rules that are loaded, and reports patterns that would slow down all "
             "others, and rules without tests, or without one that matches or one that does not. "
             "Exit status 1: something was found.",
    .examples = lint_examples,
    .options = file_rows,
    .config_size = sizeof(struct rules_options),
    .run = rules_lint};

static const struct command *const commands[] = {&list_command,    &check_command, &test_command,
                                                 &explain_command, &lint_command,  NULL};

static const struct example group_examples[] = {
    {"haechi rules check my-rules.yaml", "would it load, beside the built-in rules?"},
    {"haechi rules explain web_attacks.xss 'GET /?q=%3Cscript%3Ealert(1)'",
     "why does it match this log, or why not?"},
    {0},
};

const struct command rules_command = {.name = "rules",
                                      .summary = "Show, check, test and explain rules",
                                      .examples = group_examples,
                                      .commands = commands};
