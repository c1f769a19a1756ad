/* ioc_hit: an event made of a known indicator that a log names. */
#pragma once

#include "base/ioc_brief.h"
#include "base/sieve.h"
#include "detector/detect.h"

/* A row of detector.ioc.levels. */
struct ioc_level_settings {
    const char *threat_type; /* NULL: any */
    double confidence;       /* from which on */
    int level;               /* enum threat_level */
};
extern const struct setting ioc_level_rows[];

struct ioc_hit {
    enum ioc_type type;
    struct text value; /* canonical */
    struct text seen;  /* as it stands in the log */
    struct ioc_brief brief;
    bool is_certain; /* false: Redis could not be asked; the filter alone speaks */
};

/* The level of such a hit by the first row of @levels (struct ioc_level_settings) that fits it; no
 * rows: by what is shipped. */
enum threat_level ioc_hit_level(const struct setting_list *levels, const struct ioc_brief *brief);

/* Fills the zeroed @detection, as detect_match() does those of rules; its rule is NULL. @log is
 * what was sifted, in which @hit->seen lies. */
void ioc_hit_fill(struct detection *detection, const struct ioc_hit *hit, struct text log,
                  const struct source *source, const struct entry *entry,
                  const struct detect_origin *origin, const struct detect_settings *settings,
                  const struct setting_list *levels, struct arena *arena);
