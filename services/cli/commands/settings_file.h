/* settings_file: the settings that a command reads, as the workers do. */
#pragma once

#include "io/shared_settings.h"

#define CONFIG_HELP \
    "settings file (default: $HAECHI_CONFIG, else /etc/haechi/haechi.yaml, if present)"

/* settings_load() of the file that @option (of --config; NULL: not given) or the environment names.
 * Of several mistakes each is a line on stderr, and @err says how many there are. */
struct settings *settings_file_load(const char *option, const struct settings_section *sections,
                                    size_t count, struct error *err);
