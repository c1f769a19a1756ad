#include "iocfeed/outside/desk_gone.h"

#include <stdio.h>

#include "base/moment.h"
#include "io/log.h"

/* Once, to people and to `haechi ioc feeds list`. */
static void tell(struct feed *feed, struct due *due, bool is_alone)
{
    AUTO_BUF at = {0};

    if (is_alone)
        buf_add_string(&at, "never, as no feed is in the settings");
    else
        moment_write(feed->due_ms, &at);
    snprintf(feed->error, sizeof(feed->error),
             "not in the settings; what it said goes %s%s; haechi ioc feeds forget does it at once",
             is_alone ? "" : "at ", buf_string(&at));
    log_warn("feed_is_gone", LOG_TEXT("feed", desk_feed_name(feed)),
             LOG_INT("iocs", roster_count(feed->roster)), LOG_TEXT("withdrawn_at", buf_string(&at)),
             LOG_TEXT("advice", "put it back into iocfeed.feeds to keep them, or have haechi ioc "
                                "feeds forget withdraw them at once"));
    desk_feed_show(feed, due);
}

bool desk_gone_tend(struct feed *feed, struct due *due, int64_t forget_after_ms, size_t configured,
                    int64_t now_ms)
{
    const char *name = desk_feed_name(feed);
    int64_t since_ms = 0;
    bool is_marked = desk_due_is_gone(due, name, &since_ms);

    if (feed->settings) {
        if (is_marked)
            desk_due_unmark(due, name);
        return false;
    }
    if (!is_marked) {
        since_ms = now_ms;
        desk_due_mark_gone(due, name, since_ms);
    }
    feed->due_ms = since_ms == 0 ? now_ms : since_ms + forget_after_ms;
    if (!feed->is_told)
        tell(feed, due, configured == 0 && since_ms != 0);
    return now_ms >= feed->due_ms && (configured > 0 || since_ms == 0);
}
