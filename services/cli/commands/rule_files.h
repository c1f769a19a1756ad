/* rule_files: which rules a command works with. */
#pragma once

#include "cli/options.h"
#include "detector/rule.h"

struct rule_options {
    struct text_list files; /* read after the built-in ones */
    bool no_default_rules;
};

/* Rows for them, @type being the command's config with a member `rules`. */
#define RULE_FILES_OPTIONS(type)                                                               \
    {"rules",                                                                                  \
     'r',                                                                                      \
     OPTION_TEXTS,                                                                             \
     offsetof(struct type, rules.files),                                                       \
     "PATH",                                                                                   \
     "a file or folder of more rules; may be given again",                                     \
     NULL,                                                                                     \
     0,                                                                                        \
     0},                                                                                       \
    {                                                                                          \
        "no-default-rules", 0, OPTION_ON, offsetof(struct type, rules.no_default_rules), NULL, \
            "leave the built-in rules out", NULL, 0, 0                                         \
    }

/* The built-in rules (of the folder that HAECHI_RULES names, else of the installation) unless they
 * are left out, then the files. NULL with @err. */
struct ruleset *rule_files_load(const struct rule_options *options, struct error *err);

/* "url, html" of DECODE_… */
void rule_files_write_decode(unsigned decode, struct buf *out);
extern const char *const rule_files_modes[]; /* of enum rule_mode */
