#include "cli/commands/scanner.h"

#include <stdlib.h>

#include "cli/commands/logsource.h"
#include "cli/commands/scan_iocs.h"
#include "detector/detector_settings.h"
#include "detector/recent.h"
#include "io/clock.h"
#include "io/geoip.h"

enum { ARENA_BLOCK = 256 * 1024, ARENA_KEPT = 1024 * 1024, SOURCES_REMEMBERED = 100000 };

struct scanner {
    struct ruleset *ruleset;
    struct engine *engine;
    struct engine_scratch *scratch;
    struct arena *lasting; /* what settings point to */
    struct source_settings source_settings;
    struct source *source;
    struct settings *settings;
    struct detector_settings detector;
    struct detect *detect;
    struct geoip *geoip;
    struct scan_iocs *iocs; /* NULL: none */
    double reputation;      /* of the log's source, by those; negative: nothing is known */
    struct detect_lookups lookups;
    struct recent *recent;
    struct arena *arena; /* of one log */
    int64_t now_ms;
};

static bool place(void *self, const struct address *address, struct text *country, int64_t *asn,
                  bool *anonymous, bool *tor)
{
    struct geoip_answer answer;

    const struct scanner *scanner = self;

    if (!scanner->geoip || !geoip_find(scanner->geoip, address, &answer))
        return false;
    *country = answer.country;
    *asn = answer.asn;
    *anonymous = answer.anonymous;
    *tor = answer.tor;
    return true;
}

static bool reputation(void *self, const struct address *address, double *score)
{
    const struct scanner *scanner = self;

    (void)address; /* the log's source, of which it is */
    *score = scanner->reputation;
    return *score >= 0;
}

/* The defaults of the detector's own section: scan and detector weigh alike. */
static int open_detect(struct scanner *scanner, const struct text_list *fields, struct error *err)
{
    const struct settings_section section = {"detector", detector_settings_rows,
                                             &scanner->detector};

    scanner->settings = settings_load(NULL, &section, 1, NULL, err);
    if (!scanner->settings)
        return -1;
    if (fields)
        scanner->detector.detect.event_fields = *fields;
    scanner->detect = detect_new(&scanner->detector.detect, err);
    return scanner->detect ? 0 : -1;
}

static int open_source(struct scanner *scanner, const struct scan_options *options,
                       struct error *err)
{
    scanner->source_settings.format = options->format;
    scanner->source_settings.timezone = options->timezone;
    if (logsource_parse(&options->logsource, scanner->lasting, &scanner->source_settings.logsource,
                        err) < 0)
        return -1;
    scanner->source = source_new(&scanner->source_settings, err);
    return scanner->source ? 0 : -1;
}

static int open_rules(struct scanner *scanner, const struct scan_options *options,
                      struct error *err)
{
    scanner->ruleset = rule_files_load(&options->rules, err);
    scanner->engine = scanner->ruleset ? engine_new(scanner->ruleset, err) : NULL;
    if (!scanner->engine)
        return -1;
    scanner->scratch = engine_scratch_new(scanner->engine);
    return 0;
}

static int open_geoip(struct scanner *scanner, const struct scan_options *options,
                      struct error *err)
{
    if (options->geo.count == 0)
        return 0;
    scanner->geoip = geoip_open(options->geo.items, options->geo.count, err);
    return scanner->geoip ? 0 : -1;
}

static int open_iocs(struct scanner *scanner, const struct scan_options *options, struct error *err)
{
    if (!options->iocs)
        return 0;
    scanner->iocs = scan_iocs_open(options->iocs, options->allow_private, clock_now_ms(), err);
    return scanner->iocs ? 0 : -1;
}

struct scanner *scanner_open(const struct scan_options *options, const struct text_list *fields,
                             struct error *err)
{
    struct scanner *scanner = mem_zero(sizeof(*scanner));

    scanner->lasting = arena_new(1024);
    scanner->arena = arena_new(ARENA_BLOCK);
    scanner->recent = recent_new(SOURCES_REMEMBERED);
    scanner->reputation = -1;
    scanner->lookups = (struct detect_lookups){place, reputation, scanner};
    if (open_rules(scanner, options, err) == 0 && open_source(scanner, options, err) == 0 &&
        open_detect(scanner, fields, err) == 0 && open_geoip(scanner, options, err) == 0 &&
        open_iocs(scanner, options, err) == 0)
        return scanner;
    scanner_close(scanner);
    return NULL;
}

void scanner_close(struct scanner *scanner)
{
    if (!scanner)
        return;
    recent_free(scanner->recent);
    geoip_close(scanner->geoip);
    scan_iocs_close(scanner->iocs);
    detect_free(scanner->detect);
    settings_free(scanner->settings);
    source_free(scanner->source);
    engine_scratch_free(scanner->scratch);
    engine_free(scanner->engine);
    ruleset_free(scanner->ruleset);
    arena_free(scanner->arena);
    arena_free(scanner->lasting);
    free(scanner);
}

void scanner_set_time(struct scanner *scanner, int64_t now_ms)
{
    scanner->now_ms = now_ms;
}

/* All events of a log ask before any of them counts, as in a batch of the detector. */
static void finish(struct scanner *scanner, struct detection *detections, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct event *event = &detections[i].event;

        if (event->source_ip.size)
            event->context.recent_events =
                recent_count(scanner->recent, event->source_ip, event->event_time);
        detect_finish(scanner->detect, &scanner->lookups, event, scanner->arena);
    }
    for (size_t i = 0; i < count; i++) {
        const struct event *event = &detections[i].event;

        if (event->source_ip.size && event->threat_level >= LEVEL_MEDIUM &&
            event->mode == MODE_ALERT)
            recent_add(scanner->recent, event->source_ip, event->event_time);
    }
}

ptrdiff_t scanner_line(struct scanner *scanner, struct text file, uint64_t number, struct text line,
                       struct detection **detections, struct error *err)
{
    struct detect_origin origin = {
        .topic = file, .offset = (int64_t)number, .kafka_ms = -1, .now_ms = scanner->now_ms};
    struct entry entry;

    arena_reset(scanner->arena, ARENA_KEPT);
    /* A syslog time without a year is of the last twelve months or so: now is near enough. */
    if (source_parse_message(scanner->source, line, scanner->now_ms, scanner->arena, &entry, err) <
        0)
        return -1;
    size_t count = detect_match(scanner->detect, scanner->engine, scanner->scratch, scanner->source,
                                &entry, &origin, scanner->arena, detections);

    if (scanner->iocs)
        count = scan_iocs_match(scanner->iocs, line, scanner->source, &entry, &origin,
                                &scanner->detector, scanner->arena, detections, count,
                                &scanner->reputation);
    if (count)
        finish(scanner, *detections, count);
    return (ptrdiff_t)count;
}
