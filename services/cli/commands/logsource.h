/* logsource: options that say what logs are: their format, and what `where` of rules asks for. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/settings.h"

/* In the order of enum source_format. */
extern const char *const logsource_formats[];
#define LOGSOURCE_FORMAT_HELP "format of the logs; auto detects it log by log"
#define LOGSOURCE_HELP \
    "what the logs are, for rules that depend on it, such as category=webserver; may be repeated"

/* Items "product=linux" as a map, in @arena. */
int logsource_parse(const struct text_list *items, struct arena *arena, struct text_map *map,
                    struct error *err);
