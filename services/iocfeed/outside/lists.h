/* lists: warning lists and allow-lists from the files that settings or options name. */
#pragma once

#include "base/settings.h"
#include "iocfeed/warning_lists.h"

/* @paths are MISP's lists or folders of them (its repository has lists/<name>/list.json), @allow
 * files with a value a line. NULL with @err. */
struct warning_lists *lists_read(const struct text_list *paths, const struct text_list *allow,
                                 struct error *err);
