#include "iocfeed/outside/desk_feeds.h"

#include <stdlib.h>

enum { ARENA_BLOCK = 1 << 16, ARENA_KEPT = 1 << 20 };

void desk_feeds_close(struct desk_feeds *feeds)
{
    while (feeds->count > 0)
        desk_feeds_drop(feeds, feeds->items[feeds->count - 1]);
    free(feeds->items);
}

struct feed *desk_feeds_find(const struct desk_feeds *feeds, struct text name)
{
    for (size_t i = 0; i < feeds->count; i++) {
        if (text_is(name, desk_feed_name(feeds->items[i])))
            return feeds->items[i];
    }
    return NULL;
}

static const struct ioc_source *find_source(const struct ioc *ioc, struct text name)
{
    const struct ioc_source *sources = ioc ? ioc->sources.items : NULL;

    for (size_t i = 0; ioc && i < ioc->sources.count; i++) {
        if (text_equal(sources[i].name, name))
            return &sources[i];
    }
    return NULL;
}

void desk_feeds_note(struct desk_feeds *feeds, struct text key, const struct ioc *before,
                     const struct ioc *now)
{
    const struct ioc_source *sources = before ? before->sources.items : NULL;

    for (size_t i = 0; before && i < before->sources.count; i++) {
        struct feed *feed = desk_feeds_find(feeds, sources[i].name);

        if (feed && !find_source(now, sources[i].name))
            roster_drop(feed->roster, key);
    }
    sources = now ? now->sources.items : NULL;
    for (size_t i = 0; now && i < now->sources.count; i++) {
        struct feed *feed = desk_feeds_find(feeds, sources[i].name);

        if (feed)
            roster_note(feed->roster, key, &sources[i]);
    }
}

/* What the topic had of @feed before somebody asked. */
static void fill(struct feed *feed, const struct table *table)
{
    AUTO(arena) arena = arena_new(ARENA_BLOCK);
    struct text name = text_of(desk_feed_name(feed)), key;
    struct ioc ioc;
    size_t at = 0;

    while (table_next_with(table, name, &at, &key, arena, &ioc)) {
        const struct ioc_source *source = find_source(&ioc, name);

        if (source)
            roster_note(feed->roster, key, source);
        arena_reset(arena, ARENA_KEPT);
    }
}

static struct feed *add(struct desk_feeds *feeds, struct text name, const struct table *table)
{
    struct feed *feed = mem_zero(sizeof(*feed));

    feeds->items = mem_grow(feeds->items, feeds->count, &feeds->capacity, sizeof(*feeds->items));
    feeds->items[feeds->count++] = feed;
    desk_feed_open(feed, name, feeds->metrics);
    fill(feed, table);
    return feed;
}

void desk_feeds_set(struct desk_feeds *feeds, const struct setting_list *rows,
                    const struct table *table, struct due *due)
{
    const struct feed_settings *settings = rows->rows;
    size_t before = feeds->count;

    for (size_t i = 0; i < rows->count; i++) {
        struct text name = text_of(settings[i].profile.name);
        struct feed *feed = desk_feeds_find(feeds, name);
        bool is_other =
            feed && feed->settings && !iocfeed_settings_same(feed->settings, &settings[i]);

        if (is_other) {
            desk_feed_forget(feed);
            desk_due_hurry(due, desk_feed_name(feed));
        }
        if (!feed)
            feed = add(feeds, name, table);
        feed->next_settings = &settings[i];
    }
    for (size_t i = 0; i < feeds->count; i++) {
        feeds->items[i]->settings = feeds->items[i]->next_settings;
        feeds->items[i]->next_settings = NULL;
        if (i < before && !feeds->items[i]->settings)
            feeds->items[i]->is_told = false;
    }
}

void desk_feeds_add_gone(struct desk_feeds *feeds, const struct table *table, const struct due *due)
{
    struct text name;
    size_t at = 0;

    while (desk_due_next(due, &at, &name)) {
        if (!desk_feeds_find(feeds, name))
            add(feeds, name, table);
    }
}

void desk_feeds_drop(struct desk_feeds *feeds, struct feed *feed)
{
    for (size_t i = 0; i < feeds->count; i++) {
        if (feeds->items[i] != feed)
            continue;
        desk_feed_close(feed);
        free(feed);
        feeds->items[i] = feeds->items[--feeds->count];
        return;
    }
}

size_t desk_feeds_configured(const struct desk_feeds *feeds)
{
    size_t count = 0;

    for (size_t i = 0; i < feeds->count; i++)
        count += feeds->items[i]->settings != NULL;
    return count;
}
