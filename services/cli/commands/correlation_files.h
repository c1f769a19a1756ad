/* correlation_files: which correlation rules a command works with. */
#pragma once

#include "cli/options.h"
#include "correlator/actions.h"
#include "correlator/correlations.h"

struct correlation_options {
    struct text_list files; /* read after the built-in ones */
    bool no_default;
};

/* Rows for them, @type being the command's config with a member `correlations`. */
#define CORRELATION_FILES_OPTIONS(type)                                                          \
    OPTION_ROW(OPTION_TEXTS, "correlations", 0, type, correlations.files, "PATH",                \
               "file or folder of additional correlations; may be repeated"),                    \
        OPTION_ROW(OPTION_ON, "no-default-correlations", 0, type, correlations.no_default, NULL, \
                   "do not load the built-in correlations")

/* @limits are CORRELATION_LIMITS_DEFAULT where no settings say others. The built-in correlations
 * (of the file or folder that HAECHI_CORRELATIONS names, else of the installation) unless they are
 * left out, then the files, then @more of them. Linked. NULL with
 * @err. */
struct correlations *correlation_files_load(const struct correlation_options *options,
                                            struct correlation_limits limits,
                                            const char *const *more, size_t more_count,
                                            struct error *err);

/* Without @more, and not linked yet. */
struct correlations *correlation_files_read(const struct correlation_options *options,
                                            struct correlation_limits limits, struct error *err);

/* The table of recommended actions that was installed. NULL with @err. */
struct actions *correlation_files_actions(struct error *err);
