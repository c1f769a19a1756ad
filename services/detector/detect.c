#include "detector/detect.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cidr.h"
#include "detector/draft.h"
#include "detector/reputation.h"
#include "detector/timing_risk.h"
#include "detector/user_agent_risk.h"

/* Weights are whole numbers: sums of decimal fractions would print as 0.8999999. */
enum { WHOLE = 1000, BAD_ADDRESS = 200, BAD_PLACE = 100, BAD_AGENT = 100, BAD_TIME = 100 };
enum { LOW_REPUTATION = 30 /* hundredths */, RISKY_AGENT = 7 /* tenths */, MOST_INDICATORS = 4 };

struct detect {
    const struct detect_settings *settings;
    struct cidr *low_ranges;
};

int detect_check_range(const char *name, const char *value, struct error *err)
{
    struct cidr range;

    (void)name;
    if (cidr_parse(text_of(value), &range))
        return 0;
    return error_set(err, -EINVAL,
                     "'%s' is neither an address nor a range; write it as 203.0.113.0/24", value);
}

int detect_check_country(const char *name, const char *value, struct error *err)
{
    (void)name;
    if (strlen(value) == 2 && value[0] >= 'A' && value[0] <= 'Z' && value[1] >= 'A' &&
        value[1] <= 'Z')
        return 0;
    return error_set(
        err, -EINVAL,
        "'%s' is not a country code; it must be two capital letters (ISO 3166-1), as KP", value);
}

static int check_lists(struct detect *detect, struct error *err)
{
    const struct text_list *ranges = &detect->settings->low_reputation_ranges;
    const struct text_list *countries = &detect->settings->high_risk_countries;

    for (size_t i = 0; i < ranges->count; i++) {
        if (detect_check_range(NULL, ranges->items[i], err) < 0)
            return -EINVAL;
        cidr_parse(text_of(ranges->items[i]), &detect->low_ranges[i]);
    }
    for (size_t i = 0; i < countries->count; i++) {
        if (detect_check_country(NULL, countries->items[i], err) < 0)
            return -EINVAL;
    }
    return 0;
}

struct detect *detect_new(const struct detect_settings *settings, struct error *err)
{
    AUTO(detect) detect = mem_zero(sizeof(*detect));

    detect->settings = settings;
    detect->low_ranges =
        mem_zero((settings->low_reputation_ranges.count + 1) * sizeof(detect->low_ranges[0]));
    return check_lists(detect, err) == 0 ? TAKE(detect) : NULL;
}

void detect_free(struct detect *detect)
{
    if (!detect)
        return;
    free(detect->low_ranges);
    free(detect);
}

/* NOLINTNEXTLINE(readability-function-size): what a thread, a source and a log each bring */
size_t detect_match(const struct detect *detect, const struct engine *engine,
                    struct engine_scratch *scratch, const struct source *source,
                    struct entry *entry, const struct detect_origin *origin, struct arena *arena,
                    struct detection **detections)
{
    struct engine_hit *hits;

    if (!engine_reads_only_message(engine))
        source_parse_rest(source, arena, entry);
    size_t count =
        engine_match(engine, scratch, entry, &source_of(source)->logsource, arena, &hits);

    if (count == 0)
        return 0;
    source_parse_rest(source, arena, entry);
    struct entry timed = *entry;

    if (!entry->has_time)
        timed.time =
            source_moment(source, origin->kafka_ms < 0 ? origin->now_ms : origin->kafka_ms);
    *detections = arena_zero(arena, count * sizeof(**detections));
    for (size_t i = 0; i < count; i++)
        draft_fill(&(*detections)[i], &hits[i], &timed, origin, detect->settings, arena);
    return count;
}

/* What finishing adds up. */
struct verdict {
    struct event *event;
    struct arena *arena;
    int confidence; /* thousandths */
};

static void blame(struct verdict *verdict, int weight, struct text indicator)
{
    struct record_texts *list = &verdict->event->indicators;

    list->items[list->count++] = indicator;
    verdict->confidence += weight;
}

static struct text decimal(struct arena *arena, int hundredths)
{
    return hundredths % 10 ? arena_textf(arena, "%d.%02d", hundredths / 100, hundredths % 100)
                           : arena_textf(arena, "%d.%d", hundredths / 100, hundredths / 10 % 10);
}

static void weigh_reputation(const struct detect *detect, const struct detect_lookups *lookups,
                             const struct address *address, struct verdict *verdict)
{
    double known;
    int hundredths;

    if (address && lookups->reputation && lookups->reputation(lookups->self, address, &known))
        hundredths = (int)lround(known * 100);
    else
        hundredths = reputation_of(address, detect->low_ranges,
                                   detect->settings->low_reputation_ranges.count);
    verdict->event->context.reputation = hundredths / 100.0;
    if (hundredths >= LOW_REPUTATION)
        return;
    struct text score = decimal(verdict->arena, hundredths);

    blame(verdict, BAD_ADDRESS,
          arena_textf(verdict->arena, "low_reputation_ip:%.*s", TEXT_ARG(score)));
}

static bool is_high_risk(const struct text_list *countries, struct text country)
{
    for (size_t i = 0; i < countries->count; i++) {
        if (text_is(country, countries->items[i]))
            return true;
    }
    return false;
}

/* A way to hide is a place too: "Tor Exit Node" stands among countries in older settings. */
static void weigh_place(const struct detect *detect, const struct detect_lookups *lookups,
                        const struct address *address, struct verdict *verdict)
{
    struct event_context *context = &verdict->event->context;
    bool anonymous = false, tor = false;
    struct text why = {0};

    if (!lookups->place ||
        !lookups->place(lookups->self, address, &context->country, &context->asn, &anonymous, &tor))
        return;
    if (is_high_risk(&detect->settings->high_risk_countries, context->country))
        why = context->country;
    else if (tor || anonymous)
        why = tor ? TEXT("tor") : TEXT("anonymous");
    if (why.size)
        blame(verdict, BAD_PLACE,
              arena_textf(verdict->arena, "high_risk_geography:%.*s", TEXT_ARG(why)));
}

static void weigh_agent(struct verdict *verdict)
{
    struct event *event = verdict->event;

    if (event->user_agent.size == 0)
        return;
    int tenths = user_agent_risk(event->user_agent);

    event->context.user_agent_risk = tenths / 10.0;
    if (tenths > RISKY_AGENT) {
        struct text risk = decimal(verdict->arena, tenths * 10);

        blame(verdict, BAD_AGENT,
              arena_textf(verdict->arena, "suspicious_user_agent:%.*s", TEXT_ARG(risk)));
    }
}

static void weigh_time(const struct detect *detect, struct verdict *verdict)
{
    struct event_context *context = &verdict->event->context;
    int tenths =
        (int)lround(context->timing_risk * 10) + timing_risk_of_pace(context->recent_events);

    context->timing_risk = tenths / 10.0;
    if (tenths * 100L >= lround(detect->settings->timing_threshold * 1000)) {
        struct text risk = decimal(verdict->arena, tenths * 10);

        blame(verdict, BAD_TIME,
              arena_textf(verdict->arena, "suspicious_timing:%.*s", TEXT_ARG(risk)));
    }
}

void detect_finish(const struct detect *detect, const struct detect_lookups *lookups,
                   struct event *event, struct arena *arena)
{
    static const struct detect_lookups none;
    struct verdict verdict = {event, arena, (int)lround(event->confidence_score * WHOLE)};
    struct text *indicators =
        arena_take(arena, (event->indicators.count + MOST_INDICATORS) * sizeof(*indicators));
    struct address address;
    bool has_address = address_parse(event->source_ip, &address);

    if (!lookups)
        lookups = &none;
    memcpy(indicators, event->indicators.items, event->indicators.count * sizeof(*indicators));
    event->indicators.items = indicators;
    if (event->source_ip.size)
        weigh_reputation(detect, lookups, has_address ? &address : NULL, &verdict);
    if (has_address)
        weigh_place(detect, lookups, &address, &verdict);
    weigh_agent(&verdict);
    weigh_time(detect, &verdict);
    event->confidence_score =
        (verdict.confidence < WHOLE ? verdict.confidence : WHOLE) / (double)WHOLE;
}
