/* detector: finds in single logs what rules know as an attack.
 *
 *   logs -> parse -> match -> look up (Redis, databases) -> weigh -> detected events
 *
 * Keeps nothing but its rules, so any replica may read any partition. The logs of a batch are
 * looked through by several threads together, as that is most of the work and needs nothing but the
 * logs; all else is done by the worker's one thread. Start reading at detector_handle().
 */
#include <stdlib.h>

#include "detector/detect.h"
#include "detector/detector_settings.h"
#include "detector/notice.h"
#include "detector/outside/examiner.h"
#include "detector/outside/inlets.h"
#include "detector/outside/intel.h"
#include "detector/outside/lookup.h"
#include "detector/outside/rulebook.h"
#include "detector/outside/watching.h"
#include "io/codec.h"
#include "io/crew.h"
#include "io/log.h"
#include "io/topic_roles.h"
#include "io/worker.h"

/* Logs that a thread takes at a time: long enough to be worth it, short enough that the threads end
 * together. */
enum { SLICE = 32 };

struct detector {
    const struct detector_settings *settings;
    struct worker *worker;
    struct crew *crew;
    struct examiner **examiners; /* one for each of the crew */
    const struct batch *batch;   /* being looked through */
    struct worker_topic *events;
    struct inlets *inlets;
    struct detect *detect;
    struct rulebook *rulebook;
    struct lookup *lookup;
    struct intel *intel;
    struct watching *watching; /* NULL: for a check */
    struct codec *codec;
    struct codec_output *output;
    struct finding *findings; /* of the batch */
    size_t finding_count, finding_capacity;
    struct buf value;              /* of the event being written */
    struct detect_origin withheld; /* the newest log whose event a rule's max_per_minute withheld */
    struct arena *withheld_memory; /* its texts */
    struct {
        struct counter *events, *withheld, *degraded, *clock_ahead, *clock_broken;
        struct counter *reloaded, *reload_failed;
        struct gauge *rules;
    } metrics;
};

/* Looking. */

/* A slice of the batch, in one of the crew's threads. */
static void look(void *self, size_t member, size_t begin, size_t end)
{
    struct detector *d = self;

    examiner_look(d->examiners[member], d->rulebook, d->batch, begin, end);
}

static void add_findings(struct detector *d, struct examiner *examiner)
{
    struct finding *found;
    size_t count = examiner_findings(examiner, &found);

    for (size_t i = 0; i < count; i++) {
        d->findings =
            mem_grow(d->findings, d->finding_count, &d->finding_capacity, sizeof(*d->findings));
        d->findings[d->finding_count++] = found[i];
    }
}

static int by_message(const void *a, const void *b)
{
    size_t left = ((const struct finding *)a)->message;
    size_t right = ((const struct finding *)b)->message;

    return (left > right) - (left < right);
}

/* All threads of the crew take part; afterwards the findings are in the order of the messages, as
 * if there had been one. */
static void look_through(struct detector *d, const struct batch *batch)
{
    size_t members = crew_members(d->crew);

    for (size_t i = 0; i < members; i++)
        examiner_begin(d->examiners[i]);
    d->batch = batch;
    crew_run(d->crew, batch->count, SLICE, look, d);
    d->finding_count = 0;
    for (size_t i = 0; i < members; i++)
        add_findings(d, d->examiners[i]);
    if (members > 1 && d->finding_count > 1)
        qsort(d->findings, d->finding_count, sizeof(*d->findings), by_message);
}

/* The schema's id is had before anything of the batch is sent. */
static int prepare_encoding(struct detector *d, struct error *err)
{
    int result = codec_prepare(d->output, err);

    worker_condition(d->worker, "schema_registry", result < 0 ? err->text : NULL);
    return result;
}

/* Sending. Nothing from here on may fail: a batch that is handled again must find nothing done. */

/* @batch NULL: the event is made from no message. */
static void produce(struct detector *d, struct batch *batch, size_t message,
                    const struct event *event)
{
    const struct header headers[] = {
        {"haechi.schema", codec_schema(d->output)},
        {"haechi.tenant", event->tenant},
        {"haechi.ruleset_version", text_of(ruleset_version(rulebook_rules(d->rulebook)))},
        {"content-type", codec_content_type(d->output)},
    };

    buf_reset(&d->value);
    codec_encode(d->output, event, &d->value, NULL); /* prepare_encoding() saw to it */
    const struct output output = {.topic = d->events,
                                  .key = event_entity(event),
                                  .value = buf_text(&d->value),
                                  .headers = headers,
                                  .header_count = COUNT_OF(headers)};

    if (batch)
        worker_produce(batch, message, &output);
    else
        worker_send(d->worker, &output, &(struct receipt){0});
    metrics_add(d->metrics.events, 1);
    if (event->context.enrichment == ENRICHMENT_DEGRADED)
        metrics_add(d->metrics.degraded, 1);
}

/* Rules that withheld something in a minute which is over say so. */
static void send_notices(struct detector *d, int64_t now_ms)
{
    struct quota_notice notice;

    while (quota_next_notice(rulebook_quota(d->rulebook), now_ms, &notice)) {
        AUTO(arena) arena = arena_new(1024);
        struct event event;

        d->withheld.now_ms = now_ms;
        notice_fill(&event, &notice, ruleset_rule(rulebook_rules(d->rulebook), notice.rule),
                    &d->withheld, arena);
        produce(d, NULL, 0, &event);
    }
}

static void remember_withheld(struct detector *d, const struct batch *batch, size_t i)
{
    arena_reset(d->withheld_memory, SIZE_MAX);
    d->withheld = examiner_origin(batch, i);
    d->withheld.cluster = arena_copy(d->withheld_memory, d->withheld.cluster);
    d->withheld.topic = arena_copy(d->withheld_memory, d->withheld.topic);
}

/* By its rule's max_per_minute. */
static bool is_allowed(struct detector *d, const struct rule *rule, int64_t now_ms)
{
    size_t index = rulebook_index(d->rulebook, rule);

    rulebook_count(d->rulebook, index);
    if (quota_allows(rulebook_quota(d->rulebook), index, rule->max_per_minute, now_ms))
        return true;
    metrics_add(d->metrics.withheld, 1);
    return false;
}

static void send_detection(struct detector *d, struct batch *batch, const struct finding *finding,
                           struct detection *detection)
{
    if (detection->rule && !is_allowed(d, detection->rule, batch->now_ms)) {
        remember_withheld(d, batch, finding->message);
        return;
    }
    detect_finish(d->detect, intel_lookups(d->intel, finding, lookup_of_places(d->lookup)),
                  &detection->event, batch->arena);
    produce(d, batch, finding->message, &detection->event);
}

static void settle(struct detector *d, struct batch *batch, struct finding *finding)
{
    if (finding->reason) {
        worker_reject(batch, finding->message, finding->reason, finding->sentence.bytes);
        metrics_add(finding->inlet->rejected, 1);
        return;
    }
    if (finding->count == 0) { /* what it names is no known indicator after all */
        metrics_add(finding->inlet->clean, 1);
        return;
    }
    metrics_add(finding->inlet->matched, 1);
    metrics_add(d->metrics.clock_ahead, finding->detections[0].clock_ahead);
    metrics_add(d->metrics.clock_broken, finding->detections[0].clock_broken);
    for (size_t i = 0; i < finding->count; i++)
        send_detection(d, batch, finding, &finding->detections[i]);
}

static enum batch_outcome detector_handle(void *self, struct batch *batch, struct error *err)
{
    struct detector *d = self;

    watching_begin(d->watching, batch);
    intel_begin(d->intel);
    look_through(d, batch);
    int result =
        intel_confirm(d->intel, d->findings, d->finding_count, batch, examiner_origin, err);

    if (result == 0)
        result = lookup_ask(d->lookup, d->findings, d->finding_count, err);
    if (result == 0)
        result = prepare_encoding(d, err);
    if (result < 0)
        return BATCH_RETRY;
    for (size_t i = 0; i < crew_members(d->crew); i++)
        examiner_count(d->examiners[i], d->intel);
    send_notices(d, batch->now_ms);
    for (size_t i = 0; i < d->finding_count; i++)
        settle(d, batch, &d->findings[i]);
    return BATCH_DONE;
}

/* Starting, reloading, ending. */

static void warn_of_slow_rules(const struct detector *d)
{
    const struct rule **slow;
    size_t count = engine_slow_rules(rulebook_engine(d->rulebook), &slow);

    for (size_t i = 0; i < count; i++)
        log_warn("rule_is_slow", LOG_VIEW("rule", slow[i]->rule_id),
                 LOG_TEXT("file", slow[i]->file), LOG_INT("line", slow[i]->line),
                 LOG_TEXT("advice", "its pattern has no fixed text to look for"));
}

static void show_rules(struct detector *d)
{
    size_t count = ruleset_count(rulebook_rules(d->rulebook));

    metrics_set(d->metrics.rules, (double)count);
    log_info("rules_loaded", LOG_INT("rules", count),
             LOG_TEXT("version", ruleset_version(rulebook_rules(d->rulebook))));
    warn_of_slow_rules(d);
}

static int detector_reload(void *self, struct error *err)
{
    struct detector *d = self;
    int result = rulebook_read(d->rulebook, err);

    if (result == 0)
        result = lookup_reload(d->lookup, err);
    if (result == 0) { /* all of it or nothing */
        rulebook_exchange(d->rulebook);
        show_rules(d);
    }
    metrics_add(result < 0 ? d->metrics.reload_failed : d->metrics.reloaded, 1);
    return result;
}

static void detector_tick(void *self, int64_t now_ms)
{
    struct detector *d = self;
    struct error err = {0};

    rulebook_count_limits(d->rulebook);
    lookup_tick(d->lookup);
    intel_tick(d->intel, now_ms);
    watching_tick(d->watching, now_ms);
    send_notices(d, now_ms);
    if (rulebook_is_outdated(d->rulebook) && detector_reload(d, &err) < 0)
        log_error("reload_failed", LOG_TEXT("error", err.text),
                  LOG_TEXT("consequence", "what was loaded before stays in force"));
}

static void detector_close(void *self)
{
    struct detector *d = self;

    for (size_t i = 0; d->crew && i < crew_members(d->crew); i++)
        examiner_free(d->examiners[i]);
    free(d->examiners);
    crew_free(d->crew);
    inlets_close(d->inlets);
    detect_free(d->detect);
    rulebook_close(d->rulebook);
    lookup_close(d->lookup);
    intel_close(d->intel);
    watching_close(d->watching);
    codec_close(d->codec);
    free(d->findings);
    buf_done(&d->value);
    arena_free(d->withheld_memory);
    free(d);
}

static struct counter *counter(struct detector *d, const char *name, const char *help)
{
    return metrics_counter(worker_metrics(d->worker), name, help, NO_LABEL, NO_LABEL);
}

static struct counter *reloads(struct detector *d, const char *result)
{
    return metrics_counter(worker_metrics(d->worker), "haechi_detector_reloads_total",
                           "Times the rules were read again.", LABEL("result", result), NO_LABEL);
}

static void make_metrics(struct detector *d)
{
    d->metrics.events = counter(d, "haechi_detector_events_total", "Events written.");
    d->metrics.withheld = counter(d, "haechi_detector_events_withheld_total",
                                  "Events over their rule's max_per_minute.");
    d->metrics.degraded = counter(d, "haechi_detector_enrichment_degraded_total",
                                  "Events written without what Redis knows.");
    d->metrics.clock_ahead = counter(d, "haechi_detector_clock_ahead_total",
                                     "Matched logs whose time is ahead of their record's.");
    d->metrics.clock_broken = counter(d, "haechi_detector_clock_broken_total",
                                      "Matched logs whose record's time is ahead of ours.");
    d->metrics.reloaded = reloads(d, "ok");
    d->metrics.reload_failed = reloads(d, "failed");
    d->metrics.rules = metrics_gauge(worker_metrics(d->worker), "haechi_detector_rules",
                                     "Rules in force.", NO_LABEL, NO_LABEL);
}

/* What can be wrong with the settings and the files that they name. */
static int open_parts(struct detector *d, const struct text_list *raw_logs, struct error *err)
{
    struct metrics *metrics = d->worker ? worker_metrics(d->worker) : NULL;

    d->detect = detect_new(&d->settings->detect, err);
    if (!d->detect)
        return -1;
    d->lookup = lookup_open(d->settings, d->worker, err);
    if (!d->lookup)
        return -1;
    d->intel = intel_open(d->settings, d->worker);
    d->inlets = inlets_open(&d->settings->sources, raw_logs, metrics, err);
    if (!d->inlets)
        return -1;
    d->rulebook = rulebook_open(d->settings, (size_t)d->settings->threads, metrics, err);
    return d->rulebook ? 0 : -1;
}

static void open_crew(struct detector *d)
{
    size_t members = (size_t)d->settings->threads;

    d->watching = watching_open(d->worker, members);
    const struct examiner_tools tools = {d->settings, d->inlets, d->detect, d->intel, d->watching};

    d->crew = crew_new(members);
    d->examiners = mem_zero(members * sizeof(*d->examiners));
    for (size_t i = 0; i < members; i++)
        d->examiners[i] = examiner_new(&tools, i);
}

static int detector_check(const void *config, struct error *err)
{
    static const struct text_list none;
    struct detector *d = mem_zero(sizeof(*d));

    d->settings = config;
    int result = open_parts(d, &none, err);

    detector_close(d);
    return result;
}

static void detector_check_topics(const struct settings *settings, const void *config,
                                  const struct topic_settings *topics, struct buf *mistakes)
{
    const struct detector_settings *own = config;
    const struct source_settings *sources = own->sources.rows;

    for (size_t i = 0; i < own->sources.count; i++) {
        AUTO_BUF key = {0};

        buf_addf(&key, "detector.sources[%zu].topics", i);
        topic_roles_check_sources(settings, topics, buf_string(&key), &sources[i].topics, mistakes);
    }
}

static void *detector_open(struct worker *worker, const void *config, struct error *err)
{
    struct detector *d = mem_zero(sizeof(*d));

    d->settings = config;
    d->worker = worker;
    d->withheld_memory = arena_new(1024);
    if (open_parts(d, &worker_topics(worker)->raw_logs, err) < 0) {
        detector_close(d);
        return NULL;
    }
    open_crew(d);
    make_metrics(d);
    d->codec =
        codec_open((enum value_format)worker_topics(worker)->format, worker_registry(worker));
    codec_watch(d->codec, worker_metrics(d->worker), "detector");
    d->output = codec_output(d->codec, &event_type, worker_topics(worker)->detected_events);
    d->events = worker_topic(worker, worker_topics(worker)->detected_events);
    inlets_subscribe(d->inlets, worker);
    show_rules(d);
    return d;
}

int main(int argc, char **argv)
{
    static const struct worker_ops detector = {
        .name = "detector",
        .summary = "Reads logs from Kafka and writes an event for each rule that fires.",
        .settings = detector_settings_rows,
        .config_size = sizeof(struct detector_settings),
        .default_port = 9464,
        /* Each batch waits for Redis once: of larger ones there are fewer. */
        .default_batch = 2000,
        .check = detector_check,
        .check_topics = detector_check_topics,
        .open = detector_open,
        .handle = detector_handle,
        .tick = detector_tick,
        .reload = detector_reload,
        .reloads = "rules and GeoIP databases",
        .close = detector_close,
    };

    return worker_main(argc, argv, &detector);
}
