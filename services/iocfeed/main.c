/* iocfeed: feeds of threat intelligence become indicators that detectors look up.
 *
 *   feeds -> what changed -> the topic `iocs` -> table -> Redis: records, filter, ranges, changes
 *
 * The topic is the truth; Redis follows from it alone, so whoever else writes the topic counts the
 * same. One replica at a time fetches and keeps Redis, the others read along and stand by.
 */
#include <stdlib.h>

#include "io/clock.h"
#include "io/daemon.h"
#include "iocfeed/iocfeed_settings.h"
#include "iocfeed/outside/desk.h"
#include "iocfeed/outside/follower.h"
#include "iocfeed/outside/lists.h"
#include "iocfeed/outside/retro.h"

enum { WAIT_MS = 50 };

struct iocfeed {
    struct follower *follower;
    struct desk *desk;
    struct retro *retro;
    bool is_busy;
};

static void iocfeed_close(void *self)
{
    struct iocfeed *i = self;

    retro_free(i->retro);
    desk_close(i->desk);
    follower_close(i->follower);
    free(i);
}

static void note(void *self, struct text key, const struct ioc *before, const struct ioc *now)
{
    struct iocfeed *i = self;

    desk_note(i->desk, key, before, now);
    if (follower_leads(i->follower)) /* what was there when we began is nothing new */
        retro_note(i->retro, key, before, now, clock_now_ms());
}

static int iocfeed_check(const void *config, struct error *err)
{
    const struct iocfeed_settings *settings = config;
    AUTO(warning_lists) lists = lists_read(&settings->warning_lists, &settings->allow, err);

    return lists ? 0 : -1;
}

static void *iocfeed_open(struct daemon *daemon, const void *config, struct error *err)
{
    struct iocfeed *i = mem_zero(sizeof(*i));

    i->follower = follower_open(daemon, err);
    if (i->follower)
        i->desk = desk_open(daemon, config, i->follower, err);
    if (!i->desk) {
        iocfeed_close(i);
        return NULL;
    }
    i->retro = retro_new(config, follower_redis(i->follower), follower_table(i->follower),
                         desk_publisher(i->desk), daemon_metrics(daemon));
    follower_observe(i->follower, note, i);
    return i;
}

static int iocfeed_turn(void *self, struct error *err)
{
    struct iocfeed *i = self;

    if (publisher_serve(desk_publisher(i->desk), err) < 0)
        return err->code;
    follower_turn(i->follower, i->is_busy ? 0 : WAIT_MS, clock_now_ms());
    i->is_busy = desk_turn(i->desk, clock_now_ms());
    retro_turn(i->retro, follower_leads(i->follower), clock_now_ms());
    return 0;
}

static int iocfeed_reload(void *self, struct error *err)
{
    struct iocfeed *i = self;

    if (desk_reload(i->desk, err) < 0)
        return -1;
    retro_use(i->retro, desk_settings(i->desk));
    return 0;
}

int main(int argc, char **argv)
{
    static const struct daemon_ops iocfeed = {
        .name = "iocfeed",
        .summary = "Fetches threat intelligence feeds and maintains what detectors look up.",
        .settings = iocfeed_settings_rows,
        .config_size = sizeof(struct iocfeed_settings),
        .default_port = 9467,
        .check = iocfeed_check,
        .open = iocfeed_open,
        .turn = iocfeed_turn,
        .reload = iocfeed_reload,
        .reloads = "feeds and lists in the settings",
        .close = iocfeed_close,
    };

    return daemon_main(argc, argv, &iocfeed);
}
