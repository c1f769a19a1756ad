/* ioc_hit: an event made of a known indicator that a log names. */
#pragma once

#include "base/ioc_brief.h"
#include "base/ioc_level.h"
#include "base/sieve.h"
#include "detector/detect.h"

struct ioc_hit {
    enum ioc_type type;
    struct text value; /* canonical */
    struct text seen;  /* as it stands in the log */
    struct ioc_brief brief;
    bool is_certain; /* false: Redis could not be asked; the filter alone speaks */
};

/* Fills the zeroed @detection, as detect_match() does those of rules; its rule is NULL. @log is
 * what was sifted, in which @hit->seen lies; @entry is whole. @levels: ioc_level_of(). */
void ioc_hit_fill(struct detection *detection, const struct ioc_hit *hit, struct text log,
                  const struct source *source, const struct entry *entry,
                  const struct detect_origin *origin, const struct detect_settings *settings,
                  const struct setting_list *levels, struct arena *arena);
