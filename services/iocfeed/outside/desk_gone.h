/* desk_gone: feeds that are gone from the settings: how long what they said stays.
 *
 * A feed may be gone by mistake: a file that was not mounted, a name with a typo. So what it said
 * stays for forget_after, as Redis remembers it for all replicas; one that has the feed in its
 * settings ends that. Without any feed in the settings nothing is withdrawn but what people ask
 * for (`haechi ioc feeds forget`).
 */
#pragma once

#include "iocfeed/outside/desk_feed.h"

/* Tells Redis and people about @feed if it is gone. True: what it said is to be withdrawn now.
 * @configured: how many feeds the settings have. */
bool desk_gone_tend(struct feed *feed, struct due *due, int64_t forget_after_ms, size_t configured,
                    int64_t now_ms);
