#include "detector/ioc_hit.h"

#include <stdlib.h>

#include "base/moment.h"
#include "detector/draft.h"

enum { MOST_FEEDS = 8, MOST_INDICATORS = MOST_FEEDS + 6 };

static const char *const levels[] = {"LOW", "MEDIUM", "HIGH", "CRITICAL", NULL};

#define AT(member) .offset = offsetof(struct ioc_level_settings, member)
const struct setting ioc_level_rows[] = {
    {"threat_type", SETTING_TEXT, AT(threat_type), .help = "The indicator's; none: any."},
    {"confidence", SETTING_NUMBER, AT(confidence), .fallback = "0", .minimum = 0, .maximum = 1,
     .help = "From which confidence on."},
    {"level", SETTING_CHOICE, AT(level), .required = true, .choices = levels,
     .help = "The event's threat level."},
    {0},
};

/* Machines that are steered or extorted from there are worse than those that knock. */
static const struct ioc_level_settings shipped[] = {
    {"c2", 0.9, LEVEL_CRITICAL},
    {"botnet_cc", 0.9, LEVEL_CRITICAL},
    {"ransomware", 0.9, LEVEL_CRITICAL},
    {"c2", 0.5, LEVEL_HIGH},
    {"botnet_cc", 0.5, LEVEL_HIGH},
    {"ransomware", 0.5, LEVEL_HIGH},
    {NULL, 0.75, LEVEL_HIGH},
    {NULL, 0.5, LEVEL_MEDIUM},
    {NULL, 0, LEVEL_LOW},
};

enum threat_level ioc_hit_level(const struct setting_list *list, const struct ioc_brief *brief)
{
    const struct ioc_level_settings *rows = list->count ? list->rows : shipped;
    size_t count = list->count ? list->count : COUNT_OF(shipped);

    for (size_t i = 0; i < count; i++) {
        if (brief->confidence >= rows[i].confidence &&
            (!rows[i].threat_type || text_is(brief->threat_type, rows[i].threat_type)))
            return (enum threat_level)rows[i].level;
    }
    return LEVEL_LOW;
}

/* The field that names it, else the whole log. */
static struct text field_with(const struct entry *entry, struct text seen)
{
    static const enum entry_field fields[] = {ENTRY_MESSAGE,   ENTRY_URL,  ENTRY_SOURCE_IP,
                                              ENTRY_TARGET_IP, ENTRY_HOST, ENTRY_USER};

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct text field = entry->fields[fields[i]];

        if (field.size && text_find(field, seen) < field.size)
            return field;
    }
    return entry->raw;
}

/* "203.0.113.9:443": the port behind it. */
static struct text port_behind(struct text log, struct text seen)
{
    size_t end = (size_t)(seen.bytes - log.bytes) + seen.size;
    struct text rest = text_slice(log, end, end + 8);
    size_t from = text_starts(rest, TEXT("]:")) ? 2 : 1, to = from;

    if (rest.size < 2 || (rest.bytes[0] != ':' && from == 1))
        return (struct text){0};
    while (to < rest.size && rest.bytes[to] >= '0' && rest.bytes[to] <= '9')
        to++;
    return text_slice(rest, from, to);
}

static bool has_port(struct text ports, struct text port)
{
    struct text one;

    while (port.size && text_split(&ports, ',', &one)) {
        if (text_equal(one, port))
            return true;
    }
    return false;
}

struct list {
    struct text *items;
    size_t count;
    struct arena *arena;
};

static void add(struct list *list, const char *name, struct text value)
{
    if (value.size)
        list->items[list->count++] = arena_textf(list->arena, "%s:%.*s", name, TEXT_ARG(value));
}

static void add_time(struct list *list, const char *name, int64_t ms)
{
    AUTO_BUF time = {0};

    if (ms == RECORD_NULL)
        return;
    moment_write(ms, &time);
    add(list, name, buf_text(&time));
}

static void add_reasons(struct event *event, const struct ioc_hit *hit, struct text port,
                        struct arena *arena)
{
    struct list list = {arena_take(arena, MOST_INDICATORS * sizeof(struct text)), 0, arena};
    struct text feeds = hit->brief.feeds, feed, value = hit->value;

    list.items[list.count++] =
        arena_textf(arena, "ioc:%s:%.*s", ioc_types[hit->type], TEXT_ARG(value));
    if (!text_equal(hit->seen, value))
        add(&list, "ioc_seen", hit->seen);
    add(&list, "ioc_threat", hit->brief.threat_type);
    for (int i = 0; i < MOST_FEEDS && text_split(&feeds, ',', &feed); i++)
        add(&list, "ioc_feed", feed);
    add_time(&list, "ioc_first_seen", hit->brief.first_seen);
    add_time(&list, "ioc_last_seen", hit->brief.last_seen);
    add(&list, "ioc_port", port);
    event->indicators = (struct record_texts){list.items, list.count};
}

/* The hit as if a rule had fired. */
static struct rule rule_of(const struct ioc_hit *hit, bool has_its_port,
                           const struct setting_list *level_rows, struct arena *arena)
{
    struct text type = text_of(ioc_types[hit->type]);

    return (struct rule){
        .rule_id =
            arena_textf(arena, "threat_intel.%.*s:%.*s", TEXT_ARG(type), TEXT_ARG(hit->value)),
        .category = TEXT("threat_intel"),
        .title = arena_textf(arena, "Known indicator of compromise: %.*s", TEXT_ARG(type)),
        .event_type = arena_textf(arena, "threat_intel.%.*s", TEXT_ARG(type)),
        .level = ioc_hit_level(level_rows, &hit->brief),
        /* Listed with a port and met without it: the address may have other tenants. */
        .confidence = hit->brief.confidence / (hit->brief.ports.size && !has_its_port ? 2 : 1),
        .mode = RULE_ALERT,
    };
}

/* NOLINTNEXTLINE(readability-function-size): what a log, a hit and the settings each bring */
void ioc_hit_fill(struct detection *detection, const struct ioc_hit *hit, struct text log,
                  const struct source *source, const struct entry *entry,
                  const struct detect_origin *origin, const struct detect_settings *settings,
                  const struct setting_list *level_rows, struct arena *arena)
{
    struct text port = hit->brief.ports.size ? port_behind(log, hit->seen) : (struct text){0};
    bool has_its_port = has_port(hit->brief.ports, port);
    struct entry timed = *entry;
    struct rule rule = rule_of(hit, has_its_port, level_rows, arena);
    const struct engine_hit as_rule = {.rule = &rule, .payload = field_with(entry, hit->seen)};

    if (!entry->has_time)
        timed.time =
            source_moment(source, origin->kafka_ms < 0 ? origin->now_ms : origin->kafka_ms);
    draft_fill(detection, &as_rule, &timed, origin, settings, arena);
    detection->rule = NULL;
    add_reasons(&detection->event, hit, has_its_port ? port : (struct text){0}, arena);
    if (!hit->is_certain)
        detection->event.context.enrichment = ENRICHMENT_DEGRADED;
}
