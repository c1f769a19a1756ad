#include "cli/commands/trial_status.h"

#include <errno.h>

#include "cli/commands/terminal.h"

static void complain_of_none(const struct arguments *arguments)
{
    struct error err;

    error_set(&err, -ENOENT, "%s%s: no rule there has a test that could be run",
              arguments->operands[0], arguments->count > 1 ? " and the others" : "");
    terminal_complain(arguments, &err);
}

int trial_status(const struct arguments *arguments, struct text summary, size_t passed,
                 size_t failed)
{
    const bool is_void = arguments->count > 0 && passed + failed == 0;

    if (is_void)
        complain_of_none(arguments);
    return terminal_print(arguments, summary) && failed == 0 && !is_void ? 0 : 1;
}
