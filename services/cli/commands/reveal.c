#include "cli/commands/reveal.h"

#include <errno.h>

#include "cli/commands/input.h"
#include "cli/commands/terminal.h"
#include "cli/commands/whole_file.h"
#include "forwarder/pseudonym.h"

enum { KEY_FILE_BYTES = 4096, LINE_BYTES = 16 << 20 };

struct reveal_options {
    const char *key_file;
};

static struct pseudonym *read_key(const struct reveal_options *options, struct error *err)
{
    AUTO_BUF key = {0};

    if (!options->key_file) {
        error_set(
            err, -EINVAL,
            "--key-file is missing; it must name the file that holds the value of redact.key");
        return NULL;
    }
    if (whole_file_read(options->key_file, KEY_FILE_BYTES, &key, err) < 0)
        return NULL;
    return pseudonym_new(buf_text(&key), err);
}

static bool reveal(const struct arguments *arguments, struct pseudonym *pseudonym, struct text t)
{
    AUTO_BUF out = {0};

    pseudonym_reveal(pseudonym, t, &out);
    buf_add_byte(&out, '\n');
    return terminal_print_raw(arguments, buf_text(&out));
}

static int reveal_stdin(const struct arguments *arguments, struct pseudonym *pseudonym,
                        struct error *err)
{
    struct input *input = input_open("-", LINE_BYTES, NULL, NULL, err);
    enum input_result result = input ? INPUT_LINE : INPUT_FAILED;
    struct text line;
    bool is_good = true;

    while (is_good && (result = input ? input_line(input, &line, err) : INPUT_FAILED) == INPUT_LINE)
        is_good = reveal(arguments, pseudonym, line);
    input_close(input);
    if (result == INPUT_TOO_LONG)
        return error_set(err, -EMSGSIZE, "a line is longer than 16 MiB");
    return result == INPUT_FAILED ? -EIO : is_good ? 0 : -EPIPE;
}

static int run(const struct arguments *arguments)
{
    struct error err = {0};
    AUTO(pseudonym) pseudonym = read_key(arguments->config, &err);
    bool is_good = true;

    if (!pseudonym) {
        terminal_complain(arguments, &err);
        return 2;
    }
    for (size_t i = 0; i < arguments->count && is_good; i++)
        is_good = reveal(arguments, pseudonym, text_of(arguments->operands[i]));
    if (arguments->count > 0)
        return is_good ? 0 : 1;
    int result = reveal_stdin(arguments, pseudonym, &err);

    if (result < 0 && result != -EPIPE)
        terminal_complain(arguments, &err);
    return result == 0 ? 0 : 1;
}

static const struct option_row rows[] = {
    {"key-file", 'k', OPTION_TEXT, offsetof(struct reveal_options, key_file), "FILE",
     "file that holds the value of redact.key", NULL, 0, 0},
    {0},
};

static const struct example examples[] = {
    {"haechi reveal -k pseudonyms.key hp1_T5n9JdsCtNyIw4UX7dWi2RYLmhxx2eviFqlL", "who is that?"},
    {"haechi reveal -k pseudonyms.key < export.json", "all of an export from the SIEM"},
    {0},
};

const struct command reveal_command = {
    .name = "reveal",
    .summary = "Turn pseudonyms back into what they stand for",
    .operands = "[TEXT…]",
    .least = 0,
    .most = 1000,
    .about = "Prints each TEXT, or the lines of stdin, with the pseudonyms in it (hp1_…, made by "
             "redact.pseudonymise) replaced. One that was made with another key, or altered, is "
             "left as it is. On a terminal the rest of the text is made printable.",
    .examples = examples,
    .options = rows,
    .config_size = sizeof(struct reveal_options),
    .run = run,
};
