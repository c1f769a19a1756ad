#include "unit.h"

#include <errno.h>

#include "cli/options.h"

struct config {
    bool loud, follow;
    const char *topic;
    struct text_list rules;
    int64_t partitions;
    int level;
};

static const char *const levels[] = {"low", "medium", "high", NULL};
static const struct option_row rows[] = {
    {"loud", 'l', OPTION_ON, offsetof(struct config, loud), NULL, "shout", NULL, 0, 0},
    {"no-follow", 0, OPTION_OFF, offsetof(struct config, follow), NULL, "stop at the end", NULL, 0,
     0},
    {"topic", 't', OPTION_TEXT, offsetof(struct config, topic), "NAME", "where from", NULL, 0, 0},
    {"rules", 'r', OPTION_TEXTS, offsetof(struct config, rules), "PATH", "what to look for", NULL,
     0, 0},
    {"partitions", 'p', OPTION_INTEGER, offsetof(struct config, partitions), "N", "how many", NULL,
     1, 100},
    {"level", 0, OPTION_CHOICE, offsetof(struct config, level), "LEVEL", "the least", levels, 0, 0},
    {0},
};
static const struct config defaults = {.follow = true, .topic = "events", .partitions = 6};
static const struct command tail = {.name = "tail",
                                    .summary = "Follow",
                                    .operands = "FILE…",
                                    .least = 1,
                                    .most = 3,
                                    .options = rows,
                                    .defaults = &defaults,
                                    .config_size = sizeof(struct config)};
static const struct command create = {.name = "create", .summary = "Make"};
static const struct command *const below[] = {&tail, &create, NULL};
static const struct command root = {.name = "prog", .summary = "Try", .commands = below};

struct result {
    enum options_wish wish;
    struct arguments arguments;
    const struct config *config;
    struct error err;
};

/* @line is split at blanks. */
static struct result read_line(struct arena *arena, const char *line)
{
    const char *words[16];
    size_t count = 0;
    struct text rest = text_of(line), word;
    struct result result = {0};

    while (rest.size && text_split(&rest, ' ', &word))
        words[count++] = arena_textf(arena, "%.*s", TEXT_ARG(word)).bytes;
    result.wish = options_read(&root, words, count, arena, &result.arguments, &result.err);
    result.config = result.arguments.config;
    return result;
}

static void options_and_operands_mix(void **state)
{
    AUTO(arena) arena = arena_new(1024);
    struct result r =
        read_line(arena, "tail a -lp3 --topic=logs b --rules x -ry --level HIGH --no-follow -- -c");

    (void)state;
    assert_int_equal(r.wish, OPTIONS_RUN);
    assert_string_equal(r.arguments.path, "prog tail");
    assert_int_equal(r.arguments.count, 3);
    assert_string_equal(r.arguments.operands[0], "a");
    assert_string_equal(r.arguments.operands[1], "b");
    assert_string_equal(r.arguments.operands[2], "-c");
    assert_true(r.config->loud);
    assert_false(r.config->follow);
    assert_string_equal(r.config->topic, "logs");
    assert_int_equal(r.config->rules.count, 2);
    assert_string_equal(r.config->rules.items[0], "x");
    assert_string_equal(r.config->rules.items[1], "y");
    assert_int_equal(r.config->partitions, 3);
    assert_int_equal(r.config->level, 2);
}

static void what_is_not_said_has_its_default(void **state)
{
    AUTO(arena) arena = arena_new(1024);
    struct result r = read_line(arena, "tail -");

    (void)state;
    assert_int_equal(r.wish, OPTIONS_RUN);
    assert_string_equal(r.arguments.operands[0], "-");
    assert_true(r.config->follow);
    assert_string_equal(r.config->topic, "events");
    assert_int_equal(r.config->partitions, 6);
}

static void mistakes_are_named_with_what_would_be_right(void **state)
{
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"tial a", "'tial' is not a command of prog; did you mean tail? (prog --help shows what "
                   "there is)"},
        {"", "a command is missing (prog --help shows what there is)"},
        {"tail", "FILE… is missing (prog tail --help shows how it is used)"},
        {"tail a b c d", "'d' is one word too many: prog tail FILE… takes no more"},
        {"create x", "'x' is one word too many: prog create takes none"},
        {"tail --levle high a", "--levle is not an option; did you mean --level? (prog tail --help "
                                "shows what there is)"},
        {"tail --xyzzy a", "--xyzzy is not an option (prog tail --help shows what there is)"},
        {"tail -x a", "-x is not an option (prog tail --help shows what there is)"},
        {"tail --topic", "--topic wants a value: --topic NAME"},
        {"tail --topic --loud a", "--topic wants a value: --topic NAME"},
        {"tail --loud=yes a", "--loud takes no value"},
        {"tail --partitions 0 a", "--partitions is '0'; it may be a whole number from 1 to 100"},
        {"tail -p many a", "--partitions is 'many'; it may be a whole number from 1 to 100"},
        {"tail --level huge a", "--level is 'huge'; it may be low, medium or high"},
        {"tail --version a", "--version is not an option (prog tail --help shows what there is)"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(1024);
        struct result r = read_line(arena, cases[i].line);

        if (r.wish != OPTIONS_WRONG)
            fail_msg("'%s' was taken", cases[i].line);
        unit_text(cases[i].line, text_of(r.err.text), cases[i].says);
        assert_int_equal(r.err.code, -EINVAL);
    }
}

static void help_is_wished_for_in_three_ways(void **state)
{
    static const char *const lines[] = {"tail --help", "tail -h --topic x", "help tail"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        AUTO(arena) arena = arena_new(1024);
        struct result r = read_line(arena, lines[i]);

        assert_int_equal(r.wish, OPTIONS_HELP);
        assert_string_equal(r.arguments.path, "prog tail");
    }
}

static void the_version_belongs_to_the_program(void **state)
{
    AUTO(arena) arena = arena_new(1024);

    (void)state;
    assert_int_equal(read_line(arena, "--version").wish, OPTIONS_VERSION);
}

static void help_is_made_from_the_rows(void **state)
{
    static const struct example examples[] = {{"prog tail x", "follow x"}, {0}};
    struct command command = tail;
    AUTO_BUF help = {0};

    (void)state;
    command.about = "One two three four five six seven eight nine ten eleven.\n\nAnd more.";
    command.examples = examples;
    options_help(&command, "prog tail", 50, &help);
    assert_string_equal(buf_string(&help), "Usage: prog tail [OPTION…] FILE…\n"
                                           "\n"
                                           "Follow.\n"
                                           "\n"
                                           "One two three four five six seven eight nine ten\n"
                                           "eleven.\n"
                                           "\n"
                                           "And more.\n"
                                           "\n"
                                           "Options:\n"
                                           "  -l, --loud                shout\n"
                                           "      --no-follow           stop at the end\n"
                                           "  -t, --topic NAME          where from\n"
                                           "  -r, --rules PATH          what to look for\n"
                                           "  -p, --partitions N        how many\n"
                                           "      --level LEVEL         the least: low,\n"
                                           "                            medium, high\n"
                                           "  -h, --help                show this help\n"
                                           "\n"
                                           "Examples:\n"
                                           "  prog tail x\n"
                                           "      follow x\n");
}

UNIT_MAIN(cmocka_unit_test(options_and_operands_mix),
          cmocka_unit_test(what_is_not_said_has_its_default),
          cmocka_unit_test(mistakes_are_named_with_what_would_be_right),
          cmocka_unit_test(help_is_wished_for_in_three_ways),
          cmocka_unit_test(the_version_belongs_to_the_program),
          cmocka_unit_test(help_is_made_from_the_rows))
