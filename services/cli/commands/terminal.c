#include "cli/commands/terminal.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/printable.h"

static size_t width_of(int fd)
{
    struct winsize size = {0};
    const char *columns = getenv("COLUMNS");
    int64_t wish = 0;

    if (columns && text_to_integer(text_of(columns), &wish) && wish >= 20 && wish <= 10000)
        return (size_t)wish;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

struct terminal terminal_of(FILE *stream)
{
    struct terminal terminal = {0};
    const char *no_color = getenv("NO_COLOR");
    const char *kind = getenv("TERM");

    terminal.is_terminal = isatty(fileno(stream));
    if (terminal.is_terminal) {
        terminal.width = width_of(fileno(stream));
        terminal.colour = (!no_color || !*no_color) && kind && strcmp(kind, "dumb") != 0;
    }
    return terminal;
}

int terminal_complain(const struct arguments *arguments, const struct error *err)
{
    AUTO_BUF line = {0};

    buf_addf(&line, "%s: ", arguments->path);
    printable_add(&line, text_of(err->text), SIZE_MAX);
    fprintf(stderr, "%s\n", buf_string(&line));
    return 1;
}

void terminal_complain_of_all(const struct arguments *arguments, struct text mistakes)
{
    struct text line;

    while (text_split(&mistakes, '\n', &line)) {
        struct error err;

        error_set(&err, -1, "%.*s", TEXT_ARG(line));
        if (line.size > 0)
            terminal_complain(arguments, &err);
    }
}

bool terminal_print(const struct arguments *arguments, struct text text)
{
    struct error err;

    if (text.size == 0)
        return true;
    if (fwrite(text.bytes, 1, text.size, stdout) == text.size && fflush(stdout) == 0)
        return true;
    error_set(&err, -errno, "cannot write the output: %s", strerror(errno));
    terminal_complain(arguments, &err);
    return false;
}

bool terminal_print_json(const struct arguments *arguments, struct text json)
{
    AUTO_BUF shown = {0};

    if (!isatty(STDOUT_FILENO))
        return terminal_print(arguments, json);
    printable_add_json(&shown, json);
    return terminal_print(arguments, buf_text(&shown));
}

bool terminal_print_raw(const struct arguments *arguments, struct text text)
{
    AUTO_BUF shown = {0};
    struct text line;

    if (!isatty(STDOUT_FILENO))
        return terminal_print(arguments, text);
    while (text_split(&text, '\n', &line)) {
        printable_add(&shown, line, SIZE_MAX);
        buf_add_byte(&shown, '\n');
    }
    return terminal_print(arguments, buf_text(&shown));
}
