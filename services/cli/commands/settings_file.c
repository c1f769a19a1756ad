#include "cli/commands/settings_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/printable.h"

static const char *environment(const char *name)
{
    return getenv(name);
}

static void tell(struct text mistakes, const char *path, struct error *err)
{
    AUTO_BUF shown = {0};
    struct text rest = mistakes, line = TEXT("");
    size_t count = 0;

    while (text_split(&rest, '\n', &line) && line.size > 0) {
        printable_add(&shown, line, SIZE_MAX);
        buf_add_byte(&shown, '\n');
        count++;
    }
    if (count == 1) {
        error_set(err, -EINVAL, "%.*s", TEXT_ARG(text_trim(mistakes)));
        return;
    }
    fputs(buf_string(&shown), stderr);
    error_set(err, -EINVAL, "%s has the %zu mistakes above", path, count);
}

struct settings *settings_file_load(const char *option, const struct settings_section *sections,
                                    size_t count, struct error *err)
{
    AUTO_BUF mistakes = {0};
    const char *path = shared_settings_path(option, environment);
    struct settings *settings = settings_load_all(path, sections, count, environment, &mistakes);

    if (!settings)
        tell(buf_text(&mistakes), path ? path : "the settings", err);
    return settings;
}
