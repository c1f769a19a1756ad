/* correlator: sees in many events the attack that no single event shows.
 *
 *   detected events -> decode -> windows -> alerts
 *
 * Start reading at correlator_handle().
 */
#include <stdlib.h>

#include "correlator/correlator_settings.h"
#include "correlator/outside/rules_in_force.h"
#include "correlator/windows.h"
#include "io/codec.h"
#include "io/log.h"
#include "io/worker.h"

/* An event of the batch. */
struct arrival {
    size_t message;     /* its position in the batch */
    struct text reason; /* why it is refused; empty: it is not */
    const char *code;   /* of dead letters */
    struct event event;
};

struct correlator {
    const struct correlator_settings *settings;
    struct worker *worker;
    struct worker_topic *alerts;
    struct rules_in_force rules;
    struct windows *windows;
    struct codec *codec;
    struct codec_output *output;
    bool can_encode;          /* the schema registry, if there is one, has answered */
    struct arrival *arrivals; /* of the batch */
    size_t arrival_capacity;
    struct buf value; /* of the alert being written */
    struct {
        struct counter *opened, *updates, *resolved, *shadow;
        struct counter *reloaded, *reload_failed;
        struct gauge *rules;
    } metrics;
};

/* Reading. */

static bool is_possible(const struct event *event, struct arrival *arrival, struct arena *arena)
{
    if (event->event_id.size == 0)
        arrival->reason = TEXT("event_id is empty");
    else if (event->event_time < WINDOWS_EARLIEST_MS || event->event_time > WINDOWS_LATEST_MS)
        arrival->reason =
            arena_textf(arena, "event_time is %lld; it may be from the year 1 to 9999",
                        (long long)event->event_time);
    return arrival->reason.size == 0;
}

/* RETRY: the schema registry did not answer. */
static int read_event(struct correlator *c, struct batch *batch, size_t i, struct error *err)
{
    struct arrival *arrival = &c->arrivals[i];
    struct error why = {0};

    *arrival = (struct arrival){.message = i};
    int result = codec_decode(c->codec, &event_type, batch->messages[i].value, batch->arena,
                              &arrival->event, &why);

    if (result == 0) {
        if (!is_possible(&arrival->event, arrival, batch->arena))
            arrival->code = "invalid";
        return 0;
    }
    if (why.class != ERROR_POISON) {
        *err = why;
        return result;
    }
    arrival->code = "undecodable";
    arrival->reason = arena_textf(batch->arena, "%s", why.text);
    return 0;
}

/* Encoding can fail only until the schema registry has given the schema's id: that is had here,
 * before anything of the batch is sent. */
static int prepare_encoding(struct correlator *c, struct error *err)
{
    static const struct alert empty;

    if (c->can_encode)
        return 0;
    buf_reset(&c->value);
    int result = codec_encode(c->output, &empty, &c->value, err);

    worker_condition(c->worker, "schema_registry", result < 0 ? err->text : NULL);
    c->can_encode = result == 0;
    return result;
}

/* Sending. */

static void count_alert(struct correlator *c, const struct alert *alert)
{
    struct counter *const by_status[] = {[ALERT_NEW] = c->metrics.opened,
                                         [ALERT_UPDATE] = c->metrics.updates,
                                         [ALERT_RESOLVED] = c->metrics.resolved};

    metrics_add(alert->mode == MODE_ALERT ? by_status[alert->status] : c->metrics.shadow, 1);
}

static void write_alert(struct correlator *c, const struct alert *alert, struct header headers[4],
                        struct output *output)
{
    headers[0] = (struct header){"haechi.schema", codec_schema(c->output)};
    headers[1] = (struct header){"haechi.tenant", alert->tenant};
    headers[2] =
        (struct header){"haechi.ruleset_version", text_of(correlations_version(c->rules.rules))};
    headers[3] = (struct header){"content-type", codec_content_type(c->output)};
    buf_reset(&c->value);
    codec_encode(c->output, alert, &c->value, NULL); /* prepare_encoding() saw to it */
    *output = (struct output){.topic = c->alerts,
                              .key = alert->group_key,
                              .value = buf_text(&c->value),
                              .headers = headers,
                              .header_count = 4};
    count_alert(c, alert);
}

static void feed(struct correlator *c, struct batch *batch, const struct arrival *arrival)
{
    struct alert *alerts;
    struct header headers[4];
    struct output output;

    windows_feed(c->windows, &arrival->event, 1, batch->now_ms);
    size_t count = windows_take(c->windows, &alerts);

    for (size_t i = 0; i < count; i++) {
        write_alert(c, &alerts[i], headers, &output);
        worker_produce(batch, arrival->message, &output);
    }
}

static enum batch_outcome correlator_handle(void *self, struct batch *batch, struct error *err)
{
    struct correlator *c = self;

    if (batch->count > c->arrival_capacity) {
        c->arrival_capacity = batch->count;
        c->arrivals = mem_resize(c->arrivals, batch->count * sizeof(*c->arrivals));
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (read_event(c, batch, i, err) < 0)
            return BATCH_RETRY;
    }
    if (prepare_encoding(c, err) < 0)
        return BATCH_RETRY;
    for (size_t i = 0; i < batch->count; i++) {
        const struct arrival *arrival = &c->arrivals[i];

        if (arrival->code)
            worker_reject(batch, i, arrival->code, arrival->reason.bytes);
        else
            feed(c, batch, arrival);
    }
    return BATCH_DONE;
}

static void correlator_tick(void *self, int64_t now_ms)
{
    struct correlator *c = self;
    struct alert *alerts;
    struct header headers[4];
    struct output output;

    windows_advance(c->windows, now_ms);
    size_t count = windows_take(c->windows, &alerts);

    for (size_t i = 0; i < count; i++) {
        write_alert(c, &alerts[i], headers, &output);
        worker_send(c->worker, &output, &(struct receipt){0});
    }
}

/* Starting, ending. */

static void show_rules(struct correlator *c)
{
    size_t count = correlations_count(c->rules.rules);

    metrics_set(c->metrics.rules, (double)count);
    log_info("rules_loaded", LOG_INT("rules", count),
             LOG_TEXT("version", correlations_version(c->rules.rules)));
}

static void correlator_close(void *self)
{
    struct correlator *c = self;

    windows_free(c->windows);
    rules_in_force_done(&c->rules);
    codec_close(c->codec);
    free(c->arrivals);
    buf_done(&c->value);
    free(c);
}

static struct counter *alerts_counter(struct correlator *c, const char *status)
{
    return metrics_counter(worker_metrics(c->worker), "haechi_correlator_alerts_total",
                           "Alerts written, by status; shadow: of rules that only try.",
                           LABEL("status", status), NO_LABEL);
}

static void make_metrics(struct correlator *c)
{
    c->metrics.opened = alerts_counter(c, "new");
    c->metrics.updates = alerts_counter(c, "update");
    c->metrics.resolved = alerts_counter(c, "resolved");
    c->metrics.shadow = alerts_counter(c, "shadow");
    c->metrics.rules = metrics_gauge(worker_metrics(c->worker), "haechi_correlator_rules",
                                     "Correlations in force.", NO_LABEL, NO_LABEL);
}

static struct windows_settings windows_settings(const struct correlator *c)
{
    const struct correlator_settings *settings = c->settings;

    return (struct windows_settings){.min_level = settings->min_level,
                                     .max_lateness_ms = settings->max_lateness_ms,
                                     .suppress_ms = settings->suppress_ms,
                                     .update_every_ms = settings->update_every_ms,
                                     .settle_ms = settings->settle_ms,
                                     .types_window_ms = settings->types_window_ms,
                                     .members = (size_t)settings->max_members,
                                     .actions = c->rules.actions,
                                     .language = (enum actions_language)settings->language};
}

static int correlator_check(const void *config, struct error *err)
{
    struct rules_in_force rules;
    int result = rules_in_force_read(&rules, config, err);

    if (result == 0)
        rules_in_force_done(&rules);
    return result;
}

static void *correlator_open(struct worker *worker, const void *config, struct error *err)
{
    const struct topic_settings *topics = worker_topics(worker);
    struct correlator *c = mem_zero(sizeof(*c));

    c->settings = config;
    c->worker = worker;
    if (rules_in_force_read(&c->rules, c->settings, err) < 0) {
        correlator_close(c);
        return NULL;
    }
    make_metrics(c);
    const struct windows_settings windows = windows_settings(c);

    c->windows = windows_new(c->rules.rules, &windows);
    c->codec = codec_open((enum value_format)topics->format, worker_registry(worker));
    c->output = codec_output(c->codec, &alert_type, topics->correlated_alerts);
    c->alerts = worker_topic(worker, topics->correlated_alerts);
    worker_subscribe(worker, &topics->detected_events, 1);
    show_rules(c);
    return c;
}

int main(int argc, char **argv)
{
    static const struct worker_ops correlator = {
        .name = "correlator",
        .summary = "Reads detected events from Kafka and writes alerts.",
        .settings = correlator_settings_rows,
        .config_size = sizeof(struct correlator_settings),
        .default_port = 9465,
        .check = correlator_check,
        .open = correlator_open,
        .handle = correlator_handle,
        .tick = correlator_tick,
        .close = correlator_close,
    };

    return worker_main(argc, argv, &correlator);
}
