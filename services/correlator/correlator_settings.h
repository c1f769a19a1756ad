/* correlator_settings: the correlator's own section of the settings file. */
#pragma once

#include "base/settings.h"

struct correlator_settings {
    int min_level; /* enum threat_level */
    bool default_correlations;
    struct text_list correlations; /* files and folders, read after the built-in ones */
    int language;                  /* enum actions_language */
    int64_t max_lateness_ms;
    int64_t suppress_ms;
    int64_t update_every_ms;
    int64_t settle_ms;
    int64_t decision_ttl_ms;
    int64_t max_members; /* of a rule and group */
    int64_t types_window_ms;
    int64_t standstill_ms;
    int64_t unjudged_after_ms;
    int64_t cache_bytes; /* of groups kept in memory beside Redis */
};

extern const struct setting correlator_settings_rows[];
