/* detector_settings: the detector's own section of the settings file. */
#pragma once

#include "base/settings.h"
#include "detector/detect.h"

enum ioc_failure { IOC_PASS, IOC_WAIT, IOC_FIRE };

struct detector_settings {
    struct setting_list
        sources; /* of struct source_settings; empty: topics.raw_logs, format auto */
    bool default_rules;
    struct text_list rules; /* files and folders, read after the built-in ones */
    int64_t max_log_bytes;
    struct text_list geo_databases;
    struct detect_settings detect;
    bool ioc_enabled;
    bool ioc_defanged;
    int64_t ioc_cache_ttl_ms;
    int ioc_on_redis_failure;       /* enum ioc_failure */
    struct setting_list ioc_levels; /* of struct ioc_level_settings */
    int64_t threads;
};

extern const struct setting detector_settings_rows[];
