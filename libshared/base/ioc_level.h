/* ioc_level: how grave it is to meet an indicator, by its threat type and confidence: a table, for
 * what a log names now (services/detector/ioc_hit.h) and for what logs named before it was known.
 */
#pragma once

#include "base/event.h"
#include "base/settings.h"

/* A row of detector.ioc.levels. */
struct ioc_level_settings {
    const char *threat_type; /* NULL: any */
    double confidence;       /* from which on */
    int level;               /* enum threat_level */
};
extern const struct setting ioc_level_rows[];

/* By the first row of @list (of struct ioc_level_settings) that fits; NULL or no rows: by what is
 * shipped. */
enum threat_level ioc_level_of(const struct setting_list *list, struct text threat_type,
                               double confidence);
