/* desk_reloaded: settings as they were read anew, and the warning lists that they name. */
#pragma once

#include "io/daemon.h"
#include "iocfeed/iocfeed_settings.h"
#include "iocfeed/outside/lists.h"

/* Starts as {0}. All owned. */
struct desk_reloaded {
    struct iocfeed_settings *settings;
    struct settings *texts; /* those of the settings */
    struct warning_lists *lists;
};

/* Negative with @err: settings or a list are wrong; @reloaded is empty then. */
int desk_reloaded_read(struct desk_reloaded *reloaded, const struct daemon *daemon,
                       struct error *err);
void desk_reloaded_done(struct desk_reloaded *reloaded);
