/* rule_files: which rules a command works with. */
#pragma once

#include "cli/options.h"
#include "detector/rule.h"

struct rule_options {
    struct text_list files; /* read after the built-in ones */
    bool no_default_rules;
};

/* Rows for them, @type being the command's config with a member `rules`. */
#define RULE_FILES_OPTIONS(type)                                                         \
    OPTION_ROW(OPTION_TEXTS, "rules", 'r', type, rules.files, "PATH",                    \
               "file or folder of additional rules; may be repeated"),                   \
        OPTION_ROW(OPTION_ON, "no-default-rules", 0, type, rules.no_default_rules, NULL, \
                   "do not load the built-in rules")

/* The built-in rules (of the folder that HAECHI_RULES names, else of the installation) unless they
 * are left out, then the files. NULL with @err. */
struct ruleset *rule_files_load(const struct rule_options *options, struct error *err);

/* "url, html" of DECODE_… */
void rule_files_write_decode(unsigned decode, struct buf *out);
extern const char *const rule_files_modes[]; /* of enum rule_mode */
