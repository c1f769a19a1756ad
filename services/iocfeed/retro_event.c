#include "iocfeed/retro_event.h"

#include "base/digest.h"
#include "base/ioc_level.h"
#include "base/ioc_reasons.h"
#include "base/moment.h"

static struct record_texts reasons_of(const struct ioc *ioc, struct text day, struct arena *arena)
{
    const struct ioc_source *sources = ioc->sources.items;
    struct text names[IOC_REASONS_FEEDS];
    size_t count = 0;

    for (; count < ioc->sources.count && count < IOC_REASONS_FEEDS; count++)
        names[count] = sources[count].name;
    const struct ioc_reasons reasons = {.type = (enum ioc_type)ioc->ioc_type,
                                        .value = ioc->value,
                                        .seen_on = day,
                                        .threat_type = ioc->threat_type,
                                        .feeds = {names, count},
                                        .first_seen = RECORD_NULL,
                                        .last_seen = RECORD_NULL};

    return ioc_reasons_list(&reasons, arena);
}

struct text retro_event_day(int64_t day, struct arena *arena)
{
    AUTO_BUF date = {0};

    moment_write(day * RETRO_EVENT_DAY_MS, &date);
    return arena_copy(arena, text_slice(buf_text(&date), 0, 10));
}

static struct text id_of(struct text key, struct text day, struct arena *arena)
{
    const struct text parts[] = {TEXT("threat_intel.retro_hit"), key, day};
    char hex[33];

    digest_md5(parts, COUNT_OF(parts), hex);
    return arena_copy(arena, text_of(hex));
}

void retro_event_fill(struct event *event, struct text key, const struct ioc *ioc, int64_t day,
                      int64_t now_ms, struct arena *arena)
{
    struct text name = retro_event_day(day, arena);

    record_set_defaults(&event_type, event);
    event->event_id = id_of(key, name, arena);
    event->fingerprint = event_make_fingerprint(name, TEXT("retro_hit"), ioc->value, arena);
    event->timestamp = day * RETRO_EVENT_DAY_MS;
    /* Now: correlation would take the day for late. */
    event->event_time = event->detected_at = now_ms;
    event->event_type = event->rule_id = TEXT("threat_intel.retro_hit");
    event->rule_title = TEXT("Seen before it was known as an indicator of compromise");
    event->threat_level = (int)ioc_level_of(NULL, ioc->threat_type, ioc->confidence);
    event->confidence_score = ioc->confidence;
    event->payload = ioc->value;
    event->tenant = ioc->tenant.size ? ioc->tenant : TEXT("default");
    event->indicators = reasons_of(ioc, name, arena);
}
