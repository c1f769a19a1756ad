#include "detector/notice.h"

#include <inttypes.h>
#include <math.h>

enum { MINUTE_MS = 60 * 1000 };

static struct text when(int64_t ms, struct arena *arena)
{
    AUTO_BUF text = {0};

    moment_write(ms, &text);
    return arena_copy(arena, buf_text(&text));
}

void notice_fill(struct event *event, const struct quota_notice *notice, const struct rule *rule,
                 const struct detect_origin *origin, struct arena *arena)
{
    struct text minute = when(notice->minute_ms, arena);
    struct text *indicator = arena_take(arena, sizeof(*indicator));
    struct text *tags = arena_take(arena, rule->tag_count * sizeof(*tags));
    struct text own_id =
        arena_textf(arena, "max_per_minute.%.*s.%.*s", TEXT_ARG(minute), TEXT_ARG(rule->rule_id));

    *indicator = arena_textf(arena, "withheld_events:%" PRIu64, notice->withheld);
    if (rule->tag_count)
        memcpy(tags, rule->tags, rule->tag_count * sizeof(*tags));
    *event = (struct event){
        .timestamp = notice->minute_ms,
        .event_time = notice->minute_ms + MINUTE_MS,
        .detected_at = origin->now_ms,
        .event_type = TEXT("notice.max_per_minute"),
        .rule_id = rule->rule_id,
        .rule_title = rule->title,
        .threat_level = LEVEL_LOW,
        .confidence_score = 1,
        .payload = arena_textf(arena,
                               "%" PRIu64 " more events of rule %.*s in the minute from %.*s: its "
                               "max_per_minute is %" PRId64,
                               notice->withheld, TEXT_ARG(rule->rule_id), TEXT_ARG(minute),
                               rule->max_per_minute),
        .indicators = {indicator, 1},
        .context = {.reputation = NAN,
                    .asn = RECORD_NULL,
                    .user_agent_risk = NAN,
                    .recent_events = RECORD_NULL},
        .tags = {tags, rule->tag_count},
        .tenant = TEXT("default"),
        .origin = {origin->cluster, origin->topic, origin->partition, origin->offset,
                   origin->index},
        .mode = rule->mode == RULE_SHADOW ? MODE_SHADOW : MODE_ALERT,
    };
    event->event_id = event_make_id(&event->origin, origin->kafka_ms, own_id, arena);
    event->fingerprint =
        event_make_fingerprint(minute, TEXT("max_per_minute"), event->payload, arena);
}
