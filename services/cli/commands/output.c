#include "cli/commands/output.h"

const char *const output_choices[] = {"auto", "json", "table", NULL};

enum output output_of(int wish, const struct terminal *terminal)
{
    if (wish != OUTPUT_AUTO)
        return (enum output)wish;
    return terminal->is_terminal ? OUTPUT_TABLE : OUTPUT_JSON;
}
