/* rules_options: the options of the commands of `haechi rules`. */
#pragma once

#include "cli/commands/output.h"
#include "cli/commands/rule_files.h"

struct rules_options {
    struct rule_options rules;
    struct text_list logsource; /* "product=linux" */
    int format;                 /* enum source_format */
    int output;                 /* enum output */
};
