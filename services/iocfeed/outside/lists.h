/* lists: warning lists and allow-lists from the files that the settings name. */
#pragma once

#include "iocfeed/iocfeed_settings.h"
#include "iocfeed/warning_lists.h"

/* NULL with @err. */
struct warning_lists *lists_read(const struct iocfeed_settings *settings, struct error *err);
