/* desk_feeds: the feeds that the desk looks after: those of the settings, and those that are gone
 * from them and of which the topic still has something.
 */
#pragma once

#include "iocfeed/outside/desk_feed.h"
#include "iocfeed/table.h"

struct desk_feeds {
    struct metrics *metrics;
    struct feed **items; /* each stays where it is until it is dropped */
    size_t count, capacity;
};

void desk_feeds_close(struct desk_feeds *feeds);

/* The feeds are now @rows (of struct feed_settings), which are borrowed. Those that were there keep
 * what is known of them; of those that ask something else than before nothing is remembered, and
 * they are to be asked at once. Others are gone. */
void desk_feeds_set(struct desk_feeds *feeds, const struct setting_list *rows,
                    const struct table *table, struct due *due);
/* Those that Redis names and nobody else. */
void desk_feeds_add_gone(struct desk_feeds *feeds, const struct table *table,
                         const struct due *due);
void desk_feeds_drop(struct desk_feeds *feeds, struct feed *feed);
struct feed *desk_feeds_find(const struct desk_feeds *feeds, struct text name);
/* Of those in the settings. */
size_t desk_feeds_configured(const struct desk_feeds *feeds);

/* What the topic says of @key, before (NULL: nothing) and now. */
void desk_feeds_note(struct desk_feeds *feeds, struct text key, const struct ioc *before,
                     const struct ioc *now);
