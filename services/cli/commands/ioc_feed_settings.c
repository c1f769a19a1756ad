#include "cli/commands/ioc_feed_settings.h"

#include <string.h>

#include "cli/commands/settings_file.h"

struct settings *ioc_feed_settings_load(const char *config, struct iocfeed_settings *iocfeed,
                                        struct error *err)
{
    struct worker_settings own;
    struct shared_worker_rows rows;
    struct shared_settings shared;
    struct settings_section sections[SHARED_SETTINGS_SECTIONS + 2];

    shared_settings_sections(&shared, sections);
    shared_settings_worker("iocfeed", 0, 0, &rows);
    sections[SHARED_SETTINGS_SECTIONS] =
        (struct settings_section){"iocfeed", iocfeed_settings_rows, iocfeed};
    sections[SHARED_SETTINGS_SECTIONS + 1] =
        (struct settings_section){"iocfeed", rows.rows + SHARED_SETTINGS_CONSUMER_ROWS, &own};
    return settings_file_load(config, sections, COUNT_OF(sections), err);
}

const struct feed_settings *ioc_feed_settings_find(const struct iocfeed_settings *iocfeed,
                                                   const char *name)
{
    const struct feed_settings *feeds = iocfeed->feeds.rows;

    for (size_t i = 0; i < iocfeed->feeds.count; i++) {
        if (strcmp(feeds[i].profile.name, name) == 0)
            return &feeds[i];
    }
    return NULL;
}
