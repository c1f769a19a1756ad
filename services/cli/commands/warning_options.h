/* warning_options: which warning lists and allow-lists a command works with. */
#pragma once

#include "cli/options.h"
#include "iocfeed/outside/lists.h"

struct warning_options {
    struct text_list lists; /* MISP's: files, or folders of them */
    struct text_list allow; /* a value a line */
};

/* Rows for them, @type being the command's config with a member `warnings`. */
#define WARNING_OPTIONS(type)                                                                      \
    {"warning-lists",                                                                              \
     'w',                                                                                          \
     OPTION_TEXTS,                                                                                 \
     offsetof(struct type, warnings.lists),                                                        \
     "PATH",                                                                                       \
     "a MISP warning list, or a folder of them; may be given again",                               \
     NULL,                                                                                         \
     0,                                                                                            \
     0},                                                                                           \
    {                                                                                              \
        "allow", 'a', OPTION_TEXTS, offsetof(struct type, warnings.allow), "FILE",                 \
            "an allow-list: an address, range, domain, URL, hash or mail address a line", NULL, 0, \
            0                                                                                      \
    }
