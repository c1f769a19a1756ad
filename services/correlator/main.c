/* correlator: sees in many events the attack that no single event shows.
 *
 *   detected events -> decode -> windows, whose state is in Redis -> alerts
 *
 * What it remembers is in Redis under the group that it is about, so any replica may read any
 * partition and take over from any other. Start reading at correlator_handle().
 */
#include <errno.h>
#include <stdlib.h>

#include "correlator/correlator_settings.h"
#include "correlator/outside/alert_writer.h"
#include "correlator/outside/announcements.h"
#include "correlator/outside/arrivals.h"
#include "correlator/outside/correlator_metrics.h"
#include "correlator/outside/pacing.h"
#include "correlator/outside/redis_store.h"
#include "correlator/outside/rules_in_force.h"
#include "correlator/outside/silences.h"
#include "correlator/shared_windows.h"
#include "io/chance.h"
#include "io/clock.h"
#include "io/codec.h"
#include "io/log.h"
#include "io/worker.h"

enum {
    LEASE_MS = 30 * 1000,
    FIRE_AT_ONCE = 1000,  /* groups whose timers are due, in one go */
    FIRE_LIMIT = 10000,   /* in one tick */
    CHECK_MS = 10 * 1000, /* of Redis' settings */
};

struct correlator {
    const struct correlator_settings *settings;
    struct worker *worker;
    struct rules_in_force rules;
    struct redis *redis;
    struct redis_store *store;
    struct shared_windows *windows;
    struct announcements *announcements;
    struct silences *silences;
    struct alert_writer writer;
    struct correlator_metrics *metrics;
    struct codec *codec;
    struct pacing *pacing;
    struct arrivals *arrivals;
    int64_t check_ms;  /* Redis' settings: not before */
    int64_t second_ms; /* what is done once a second: not before */
};

/* The schema's id is had before anything of the batch is sent. */
static int prepare_encoding(struct correlator *c, struct error *err)
{
    int result = codec_prepare(c->writer.output, err);

    worker_condition(c->worker, "schema_registry", result < 0 ? err->text : NULL);
    return result;
}

/* Sending. */

static int feed(struct correlator *c, struct batch *batch, struct error *err)
{
    const struct event *events;
    size_t count = arrivals_events(c->arrivals, &events);

    if (count == 0)
        return 0;
    int result = shared_windows_feed(c->windows, events, count, batch->now_ms, err);

    worker_condition(c->worker, "redis", result < 0 ? err->text : NULL);
    return result;
}

static void produce(struct correlator *c, struct batch *batch)
{
    const struct shared_alert *alerts;
    size_t count = shared_windows_take(c->windows, &alerts);
    struct output output;

    for (size_t i = 0; i < count; i++) {
        alert_writer_write(&c->writer, alerts[i].alert, &output);
        worker_produce(batch, arrivals_message(c->arrivals, alerts[i].event), &output);
    }
}

/* Repeating a batch is safe: a window knows its events, and gives the answer that it gave. */
static enum batch_outcome correlator_handle(void *self, struct batch *batch, struct error *err)
{
    struct correlator *c = self;
    const struct event *events;

    if (arrivals_read(c->arrivals, batch, err) < 0 || prepare_encoding(c, err) < 0 ||
        feed(c, batch, err) < 0)
        return BATCH_RETRY;
    if (arrivals_events(c->arrivals, &events) > 0)
        produce(c, batch);
    arrivals_reject(c->arrivals, batch);
    pacing_end(c->pacing, batch);
    return BATCH_DONE;
}

/* Timers. */

static void announce(struct correlator *c)
{
    const struct shared_alert *alerts;
    size_t count = shared_windows_take(c->windows, &alerts);
    struct output output;

    for (size_t i = 0; i < count; i++) {
        struct receipt receipt = announcements_add(c->announcements, alerts[i].alert);

        alert_writer_write(&c->writer, alerts[i].alert, &output);
        if (!worker_send(c->worker, &output, &receipt)) {
            announcements_withdraw(c->announcements, &receipt);
            return; /* the worker ends: another one will make them again */
        }
    }
}

static int fire(struct correlator *c, int64_t now_ms, struct error *err)
{
    size_t fired = FIRE_AT_ONCE;

    for (size_t all = 0; fired == FIRE_AT_ONCE && all < FIRE_LIMIT; all += fired) {
        int result = shared_windows_fire(c->windows, now_ms, pacing_read_ms(c->pacing),
                                         FIRE_AT_ONCE, &fired, err);

        if (result < 0)
            return result;
        announce(c);
    }
    return announcements_confirm(c->announcements, c->windows, now_ms, err);
}

static int announce_silences(struct correlator *c, int64_t now_ms, struct error *err)
{
    const struct alert *alerts;
    struct output output;
    int result = silences_tick(c->silences, now_ms, err);
    size_t count = silences_take(c->silences, &alerts);

    for (size_t i = 0; i < count; i++) {
        struct receipt receipt = silences_receipt(c->silences, i);

        alert_writer_write(&c->writer, &alerts[i], &output);
        if (!worker_send(c->worker, &output, &receipt))
            break; /* the worker ends: another one will make them again */
    }
    return result;
}

static int check_redis(struct correlator *c, int64_t now_ms, struct error *err)
{
    if (now_ms < c->check_ms)
        return 0;
    int result = redis_store_check(c->store, err);

    if (result == 0)
        c->check_ms = now_ms + CHECK_MS;
    return result;
}

static bool is_second_over(struct correlator *c, int64_t now_ms)
{
    if (now_ms >= c->second_ms - 1000 && now_ms < c->second_ms)
        return false;
    c->second_ms = now_ms + 1000;
    return true;
}

/* What can go wrong with Redis. */
static int tick_each_second(struct correlator *c, int64_t now_ms, struct error *err)
{
    int result = check_redis(c, now_ms, err);

    if (result < 0)
        return result;
    if (prepare_encoding(c, err) < 0)
        return 0; /* that is a condition of its own, and nothing can be sent */
    result = fire(c, now_ms, err);
    return result < 0 ? result : announce_silences(c, now_ms, err);
}

static void correlator_tick(void *self, int64_t now_ms)
{
    struct correlator *c = self;
    struct error err = {0};
    int result = pacing_tick(c->pacing, now_ms, &err);
    bool is_due = is_second_over(c, now_ms);

    if (is_due)
        correlator_metrics_update(c->metrics, c->windows);
    if (result == 0 && is_due)
        result = tick_each_second(c, now_ms, &err);
    if (result < 0 || is_due) /* in between, what was found last still holds */
        worker_condition(c->worker, "redis", result < 0 ? err.text : NULL);
}

/* Starting, ending. */

static void show_rules(struct correlator *c)
{
    size_t count = correlations_count(c->rules.rules);

    correlator_metrics_begin_rules(c->metrics, count);
    c->writer.rules_version = correlations_version(c->rules.rules);
    log_info("rules_loaded", LOG_INT("rules", count),
             LOG_TEXT("version", correlations_version(c->rules.rules)));
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

static void watch_for_silences(struct correlator *c)
{
    const struct silences_settings settings = {.lease_ms = LEASE_MS,
                                               .unjudged_after_ms = c->settings->unjudged_after_ms,
                                               .actions = c->rules.actions,
                                               .language =
                                                   (enum actions_language)c->settings->language};

    silences_change_rules(c->silences, c->rules.rules, &settings, clock_now_ms());
}

static int correlator_reload(void *self, struct error *err)
{
    struct correlator *c = self;
    struct rules_in_force fresh;
    int result = rules_in_force_read(&fresh, c->settings, err);

    correlator_metrics_reload(c->metrics, result == 0);
    if (result < 0)
        return result;
    struct rules_in_force old = c->rules;

    c->rules = fresh;
    correlator_metrics_update(c->metrics, c->windows);
    const struct windows_settings windows = windows_settings(c);

    shared_windows_change_rules(c->windows, fresh.rules, &windows);
    watch_for_silences(c);
    rules_in_force_done(&old);
    show_rules(c);
    return 0;
}

static void correlator_close(void *self)
{
    struct correlator *c = self;

    shared_windows_free(c->windows);
    pacing_close(c->pacing);
    redis_store_close(c->store);
    redis_close(c->redis);
    announcements_free(c->announcements);
    silences_close(c->silences);
    correlator_metrics_free(c->metrics);
    rules_in_force_done(&c->rules);
    codec_close(c->codec);
    arrivals_free(c->arrivals);
    alert_writer_done(&c->writer);
    free(c);
}

static int correlator_check(const void *config, struct error *err)
{
    struct rules_in_force rules;
    int result = rules_in_force_read(&rules, config, err);

    if (result == 0)
        rules_in_force_done(&rules);
    return result;
}

static void open_windows(struct correlator *c)
{
    const struct redis_settings *redis = worker_redis(c->worker);
    const struct redis_store_settings store = {.wait_replicas = redis->wait_replicas,
                                               .wait_ms = redis->timeout_ms / 2,
                                               .allow_eviction = redis->allow_eviction};
    struct shared_windows_settings shared = SHARED_DEFAULTS;

    shared.windows = windows_settings(c);
    shared.decision_ttl_ms = c->settings->decision_ttl_ms;
    shared.standstill_ms = c->settings->standstill_ms;
    shared.lease_ms = LEASE_MS;
    shared.cache_bytes = (size_t)c->settings->cache_bytes;
    c->redis = redis_open(redis, worker_metrics(c->worker), "correlator");
    c->pacing = pacing_open(c->worker, c->redis, c->settings->max_lateness_ms);
    c->silences = silences_open(c->redis, worker_metrics(c->worker));
    watch_for_silences(c);
    c->store = redis_store_open(c->redis, &store);
    c->windows = shared_windows_new(c->rules.rules, &shared, redis_store_interface(c->store),
                                    chance_number());
}

static void open_topics(struct correlator *c)
{
    const struct topic_settings *topics = worker_topics(c->worker);

    c->codec = codec_open((enum value_format)topics->format, worker_registry(c->worker));
    codec_watch(c->codec, worker_metrics(c->worker), "correlator");
    c->arrivals = arrivals_new(c->codec, c->pacing);
    c->writer.output = codec_output(c->codec, &alert_type, topics->correlated_alerts);
    c->writer.metrics = c->metrics;
    c->writer.topic = worker_topic(c->worker, topics->correlated_alerts);
    worker_subscribe(c->worker, &topics->detected_events, 1);
}

static void *correlator_open(struct worker *worker, const void *config, struct error *err)
{
    struct correlator *c = mem_zero(sizeof(*c));

    c->settings = config;
    c->worker = worker;
    if (rules_in_force_read(&c->rules, c->settings, err) < 0) {
        correlator_close(c);
        return NULL;
    }
    c->metrics = correlator_metrics_new(worker_metrics(worker));
    c->announcements = announcements_new();
    open_windows(c);
    open_topics(c);
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
        /* Each group of a batch is one call to Redis: of more events there are fewer calls. */
        .default_batch = 8000,
        .reads_in_turn = true,
        .check = correlator_check,
        .open = correlator_open,
        .handle = correlator_handle,
        .tick_ms = 100,
        .tick = correlator_tick,
        .reload = correlator_reload,
        .reloads = "correlations and recommended actions",
        .close = correlator_close,
    };

    return worker_main(argc, argv, &correlator);
}
