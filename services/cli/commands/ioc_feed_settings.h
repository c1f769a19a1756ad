/* ioc_feed_settings: iocfeed's section of the settings, for `haechi ioc feeds`. */
#pragma once

#include "iocfeed/iocfeed_settings.h"

#include "base/error.h"

/* Into the zeroed @iocfeed, whose texts live as long as the result; @config as for
 * settings_file_load(). NULL with @err. */
struct settings *ioc_feed_settings_load(const char *config, struct iocfeed_settings *iocfeed,
                                        struct error *err);
/* NULL: there is none of that name. */
const struct feed_settings *ioc_feed_settings_find(const struct iocfeed_settings *iocfeed,
                                                   const char *name);
