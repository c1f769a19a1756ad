/* logsource: options that say what logs are: their format, and what `where` of rules asks for. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/settings.h"

/* In the order of enum source_format. */
extern const char *const logsource_formats[];
#define LOGSOURCE_FORMAT_HELP "how the logs are written; auto looks at each"
#define LOGSOURCE_HELP \
    "what the logs are, for rules that ask: category=webserver; may be given again"

/* Items "product=linux" as a map, in @arena. */
int logsource_parse(const struct text_list *items, struct arena *arena, struct text_map *map,
                    struct error *err);
