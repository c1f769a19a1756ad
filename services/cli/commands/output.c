#include "cli/commands/output.h"

const char *const output_choices[] = {"auto", "json", "table", NULL};

enum output output_of(int wish, const struct terminal *terminal)
{
    if (wish != OUTPUT_AUTO)
        return (enum output)wish;
    return terminal->is_terminal ? OUTPUT_TABLE : OUTPUT_JSON;
}

bool output_print(const struct arguments *arguments, enum output output, struct text text)
{
    return output == OUTPUT_JSON ? terminal_print_json(arguments, text)
                                 : terminal_print(arguments, text);
}
