#include "iocfeed/outside/desk_reloaded.h"

#include <stdlib.h>

int desk_reloaded_read(struct desk_reloaded *reloaded, const struct daemon *daemon,
                       struct error *err)
{
    *reloaded = (struct desk_reloaded){.settings = mem_zero(sizeof(*reloaded->settings))};
    reloaded->texts = daemon_settings_again(daemon, reloaded->settings, err);
    if (reloaded->texts)
        reloaded->lists =
            lists_read(&reloaded->settings->warning_lists, &reloaded->settings->allow, err);
    if (reloaded->lists)
        return 0;
    desk_reloaded_done(reloaded);
    return -1;
}

void desk_reloaded_done(struct desk_reloaded *reloaded)
{
    warning_lists_free(reloaded->lists);
    settings_free(reloaded->texts);
    free(reloaded->settings);
    *reloaded = (struct desk_reloaded){0};
}
