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
#include "iocfeed/outside/follower.h"

enum { WAIT_MS = 50 };

struct iocfeed {
    struct follower *follower;
};

static void iocfeed_close(void *self)
{
    struct iocfeed *i = self;

    follower_close(i->follower);
    free(i);
}

static void *iocfeed_open(struct daemon *daemon, const void *config, struct error *err)
{
    struct iocfeed *i = mem_zero(sizeof(*i));

    (void)config;
    i->follower = follower_open(daemon, err);
    if (!i->follower) {
        iocfeed_close(i);
        return NULL;
    }
    return i;
}

static int iocfeed_turn(void *self, struct error *err)
{
    struct iocfeed *i = self;

    (void)err;
    follower_turn(i->follower, WAIT_MS, clock_now_ms());
    return 0;
}

static const struct setting rows[] = {{0}};

int main(int argc, char **argv)
{
    static const struct daemon_ops iocfeed = {
        .name = "iocfeed",
        .summary = "Fetches feeds of threat intelligence and keeps what detectors look up.",
        .settings = rows,
        .default_port = 9467,
        .open = iocfeed_open,
        .turn = iocfeed_turn,
        .close = iocfeed_close,
    };

    return daemon_main(argc, argv, &iocfeed);
}
