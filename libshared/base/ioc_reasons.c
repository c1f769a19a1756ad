#include "base/ioc_reasons.h"

#include "base/moment.h"

enum { MOST = IOC_REASONS_FEEDS + 7 };

static void add(struct record_texts *list, struct arena *arena, const char *name, struct text value)
{
    if (value.size)
        list->items[list->count++] = arena_textf(arena, "%s:%.*s", name, TEXT_ARG(value));
}

static void add_time(struct record_texts *list, struct arena *arena, const char *name, int64_t ms)
{
    AUTO_BUF time = {0};

    if (ms == RECORD_NULL)
        return;
    moment_write(ms, &time);
    add(list, arena, name, buf_text(&time));
}

struct record_texts ioc_reasons_list(const struct ioc_reasons *reasons, struct arena *arena)
{
    struct record_texts list = {arena_take(arena, MOST * sizeof(*list.items)), 1};
    struct text value = reasons->value;

    list.items[0] = arena_textf(arena, "ioc:%s:%.*s", ioc_types[reasons->type], TEXT_ARG(value));
    if (!text_equal(reasons->seen, value))
        add(&list, arena, "ioc_seen", reasons->seen);
    add(&list, arena, "ioc_seen_on", reasons->seen_on);
    add(&list, arena, "ioc_threat", reasons->threat_type);
    for (size_t i = 0; i < reasons->feeds.count && i < IOC_REASONS_FEEDS; i++)
        add(&list, arena, "ioc_feed", reasons->feeds.items[i]);
    add_time(&list, arena, "ioc_first_seen", reasons->first_seen);
    add_time(&list, arena, "ioc_last_seen", reasons->last_seen);
    add(&list, arena, "ioc_port", reasons->port);
    return list;
}
