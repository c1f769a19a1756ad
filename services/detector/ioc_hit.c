#include "detector/ioc_hit.h"

#include "base/address.h"
#include "base/ioc_reasons.h"
#include "detector/draft.h"

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

static bool is_in_field(const struct entry *entry, enum entry_field field, struct text seen)
{
    struct address of_field, of_seen;

    return address_parse_endpoint(entry->fields[field], &of_field) &&
           address_parse(seen, &of_seen) && memcmp(&of_field, &of_seen, sizeof(of_seen)) == 0;
}

/* The first of @names, ended by NULL, that the log has as a field and that is listed. */
static struct text listed_port(const struct entry *entry, const char *const *names,
                               struct text ports, struct arena *arena)
{
    for (; *names; names++) {
        struct text port = entry_get(entry, text_of(*names), arena);

        if (has_port(ports, port))
            return port;
    }
    return (struct text){0};
}

/* The one of the listed ports with which @hit was met: it stands behind the address, or in a field
 * of its own, on the address' side where that is known. Empty: none. */
static struct text port_of(const struct ioc_hit *hit, struct text log, const struct entry *entry,
                           struct arena *arena)
{
    static const char *const of_source[] = {
        "source_port", "src_port",    "srcport",   "spt",        "source.port", "client_port",
        "client.port", "remote_port", "id.orig_p", "SourcePort", "sourcePort",  NULL};
    static const char *const of_target[] = {"target_port",
                                            "dst_port",
                                            "dest_port",
                                            "destination_port",
                                            "dstport",
                                            "destport",
                                            "dpt",
                                            "server_port",
                                            "server.port",
                                            "destination.port",
                                            "id.resp_p",
                                            "DestinationPort",
                                            "destinationPort",
                                            NULL};
    struct text ports = hit->brief.ports, port = port_behind(log, hit->seen);

    if (ports.size == 0 || has_port(ports, port))
        return ports.size ? port : (struct text){0};
    bool is_source = is_in_field(entry, ENTRY_SOURCE_IP, hit->seen);
    bool is_target = is_in_field(entry, ENTRY_TARGET_IP, hit->seen);
    struct text found = {0};

    if (port.size) /* another one than those */
        return found;
    if (is_target || !is_source)
        found = listed_port(entry, of_target, ports, arena);
    if (found.size == 0 && (is_source || !is_target))
        found = listed_port(entry, of_source, ports, arena);
    return found;
}

static struct record_texts reasons_of(const struct ioc_hit *hit, struct text port,
                                      struct arena *arena)
{
    struct text feeds = hit->brief.feeds, names[IOC_REASONS_FEEDS];
    size_t count = 0;

    while (count < IOC_REASONS_FEEDS && text_split(&feeds, ',', &names[count]))
        count++;
    const struct ioc_reasons reasons = {.type = hit->type,
                                        .value = hit->value,
                                        .seen = hit->seen,
                                        .threat_type = hit->brief.threat_type,
                                        .feeds = {names, count},
                                        .first_seen = hit->brief.first_seen,
                                        .last_seen = hit->brief.last_seen,
                                        .port = port};

    return ioc_reasons_list(&reasons, arena);
}

/* Listed with a port and met without it: the address may have other tenants. */
static double confidence_in(const struct ioc_hit *hit, bool has_its_port)
{
    return hit->brief.confidence / (hit->brief.ports.size && !has_its_port ? 2 : 1);
}

/* The hit as if a rule had fired. */
static struct rule rule_of(const struct ioc_hit *hit, double confidence,
                           const struct setting_list *level_rows, struct arena *arena)
{
    struct text type = text_of(ioc_types[hit->type]);

    return (struct rule){
        .rule_id =
            arena_textf(arena, "threat_intel.%.*s:%.*s", TEXT_ARG(type), TEXT_ARG(hit->value)),
        .category = TEXT("threat_intel"),
        .title = arena_textf(arena, "Known indicator of compromise: %.*s", TEXT_ARG(type)),
        .event_type = arena_textf(arena, "threat_intel.%.*s", TEXT_ARG(type)),
        .level = ioc_level_of(level_rows, hit->brief.threat_type, confidence),
        .confidence = confidence,
        .mode = RULE_ALERT,
    };
}

/* NOLINTNEXTLINE(readability-function-size): what a log, a hit and the settings each bring */
void ioc_hit_fill(struct detection *detection, const struct ioc_hit *hit, struct text log,
                  const struct source *source, const struct entry *entry,
                  const struct detect_origin *origin, const struct detect_settings *settings,
                  const struct setting_list *level_rows, struct arena *arena)
{
    struct text port = port_of(hit, log, entry, arena);
    struct entry timed = *entry;
    struct rule rule = rule_of(hit, confidence_in(hit, port.size > 0), level_rows, arena);
    const struct engine_hit as_rule = {.rule = &rule, .payload = field_with(entry, hit->seen)};

    if (!entry->has_time)
        timed.time =
            source_moment(source, origin->kafka_ms < 0 ? origin->now_ms : origin->kafka_ms);
    draft_fill(detection, &as_rule, &timed, origin, settings, arena);
    detection->rule = NULL;
    detection->event.indicators = reasons_of(hit, port, arena);
    if (!hit->is_certain)
        detection->event.context.enrichment = ENRICHMENT_DEGRADED;
}
