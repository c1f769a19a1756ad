/* warning_options: which warning lists and allow-lists a command works with. */
#pragma once

#include "cli/options.h"
#include "iocfeed/outside/lists.h"

struct warning_options {
    struct text_list lists; /* MISP's: files, or folders of them */
    struct text_list allow; /* a value a line */
};

/* Rows for them, @type being the command's config with a member `warnings`. */
#define WARNING_OPTIONS(type)                                                                     \
    OPTION_ROW(OPTION_TEXTS, "warning-lists", 'w', type, warnings.lists, "PATH",                  \
               "MISP warning list, or a folder of them; may be repeated"),                        \
        OPTION_ROW(OPTION_TEXTS, "allow", 'a', type, warnings.allow, "FILE",                      \
                   "allow-list: one address, range, domain, URL, hash or mail address per line; " \
                   "may be repeated")
