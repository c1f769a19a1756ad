/* levels: threat levels on the command line. */
#pragma once

#include "cli/options.h"

/* "low" to "critical", in the order of enum threat_level; ended by NULL. */
extern const char *const levels_names[];

/* The row for the least level that is shown, called @name, @type being the command's config with an
 * int `min_level`, @what what it shows. */
#define MIN_LEVEL_OPTION(name, type, what)                                   \
    {                                                                        \
        name, 'l', OPTION_CHOICE, offsetof(struct type, min_level), "LEVEL", \
            "show only " what " of at least this level", levels_names, 0, 0  \
    }
