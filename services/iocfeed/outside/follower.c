#include "iocfeed/outside/follower.h"

#include <stdlib.h>

#include "io/clock.h"
#include "io/codec.h"
#include "io/compacted.h"
#include "io/log.h"
#include "iocfeed/outside/keeper.h"

enum { AT_ONCE = 1000, ARENA_BLOCK = 1 << 16, ARENA_KEPT = 1 << 20, TICK_MS = 1000 };
enum { BUILD_AGAIN_MS = 1000 };

struct follower {
    struct daemon *daemon;
    struct compacted *topic;
    struct codec *codec;
    struct table *table;
    struct redis *redis;
    struct lease *lease;
    struct keeper *keeper;
    struct arena *arena; /* of one record */
    follower_observer *observer;
    void *observer_self;
    bool is_marked, has_read_all;
    bool lacks_schema; /* the condition is set */
    int64_t now_ms, tick_ms, begin_ms;
    struct log_limit undecodable_limit;
    struct {
        struct gauge *iocs, *leads;
        struct counter *records, *undecodable, *removed;
    } metrics;
};

static void make_metrics(struct follower *f)
{
    struct metrics *metrics = daemon_metrics(f->daemon);

    f->metrics.iocs = metrics_gauge(metrics, "haechi_iocfeed_iocs", "Indicators in the topic.",
                                    NO_LABEL, NO_LABEL);
    f->metrics.leads =
        metrics_gauge(metrics, "haechi_iocfeed_leads",
                      "1: this replica fetches the feeds and keeps Redis.", NO_LABEL, NO_LABEL);
    f->metrics.records = metrics_counter(metrics, "haechi_iocfeed_records_total",
                                         "Records read from the topic.", NO_LABEL, NO_LABEL);
    f->metrics.removed =
        metrics_counter(metrics, "haechi_iocfeed_removals_total",
                        "Records read that remove an indicator.", NO_LABEL, NO_LABEL);
    f->metrics.undecodable =
        metrics_counter(metrics, "haechi_iocfeed_undecodable_total",
                        "Records read that are no indicator, passed over.", NO_LABEL, NO_LABEL);
}

struct follower *follower_open(struct daemon *daemon, struct error *err)
{
    const struct shared_settings *shared = daemon_shared(daemon);
    struct compacted *topic = compacted_open(&shared->kafka, shared->topics.iocs, err);

    if (!topic)
        return NULL;
    struct follower *f = mem_zero(sizeof(*f));

    f->daemon = daemon;
    f->topic = topic;
    f->codec = codec_open((enum value_format)shared->topics.format, &shared->registry);
    f->table = table_new();
    f->redis = redis_open(&shared->redis, daemon_metrics(daemon), "iocfeed");
    f->lease = lease_new(f->redis);
    f->keeper = keeper_new(f->redis, f->lease, f->table, daemon_metrics(daemon));
    f->arena = arena_new(ARENA_BLOCK);
    make_metrics(f);
    daemon_condition(daemon, "topic", "not read to its end yet");
    return f;
}

void follower_close(struct follower *f)
{
    if (!f)
        return;
    lease_release(f->lease);
    keeper_free(f->keeper);
    lease_free(f->lease);
    redis_close(f->redis);
    table_free(f->table);
    codec_close(f->codec);
    compacted_close(f->topic);
    arena_free(f->arena);
    free(f);
}

static void complain(struct follower *f, const struct compacted_record *record,
                     const struct error *why)
{
    uint64_t passed_over;

    metrics_add(f->metrics.undecodable, 1);
    if (log_limit(&f->undecodable_limit, &passed_over))
        log_warn("undecodable", LOG_INT("partition", record->partition),
                 LOG_INT("offset", record->offset), LOG_TEXT("error", why->text),
                 LOG_INT("others", passed_over),
                 LOG_TEXT("consequence", "the record is passed over"));
}

void follower_observe(struct follower *f, follower_observer *observer, void *self)
{
    f->observer = observer;
    f->observer_self = self;
}

/* Before the table changes: @before's texts are its. */
static void observe(struct follower *f, struct text key, const struct ioc *now)
{
    struct ioc before;
    bool was_there = f->observer && table_find(f->table, key, f->arena, &before);

    if (f->observer)
        f->observer(f->observer_self, key, was_there ? &before : NULL, now);
}

/* A record of which the registry could not say what it is waits, and all behind it: passed over,
 * its indicator would be missing until somebody writes it again. */
static int wait_for_schema(struct follower *f, const struct error *err)
{
    f->lacks_schema = true;
    daemon_condition(f->daemon, "schema_registry", err->text);
    return err->code;
}

/* 0: taken; 1: it is none; negative: it has to wait. */
static int read_ioc(struct follower *f, const struct compacted_record *record, struct ioc *ioc,
                    struct error *err)
{
    struct error why = {0};
    int result = codec_decode(f->codec, &ioc_record, record->value, f->arena, ioc, &why);

    if (result < 0 && why.class != ERROR_POISON) {
        *err = why;
        return wait_for_schema(f, err);
    }
    if (f->lacks_schema)
        daemon_condition(f->daemon, "schema_registry", NULL);
    f->lacks_schema = false;
    if (result < 0)
        complain(f, record, &why);
    return result < 0;
}

static int take(void *self, const struct compacted_record *record, struct error *err)
{
    struct follower *f = self;
    struct text tenant, value;
    enum ioc_type type;
    struct ioc ioc;

    arena_reset(f->arena, ARENA_KEPT);
    if (!ioc_key_parse(record->key, &tenant, &type, &value)) {
        struct error why = {0};

        error_set(&why, -1, "its key '%.*s' is no <type>:<value>", TEXT_ARG(record->key));
        complain(f, record, &why);
    } else if (!record->value.bytes) {
        metrics_add(f->metrics.removed, 1);
        observe(f, record->key, NULL);
        if (table_drop(f->table, record->key))
            keeper_note(f->keeper, record->key, NULL, f->now_ms);
    } else {
        int result = read_ioc(f, record, &ioc, err);

        if (result < 0)
            return result;
        if (result == 0) {
            observe(f, record->key, &ioc);
            table_set(f->table, record->key, &ioc);
            keeper_note(f->keeper, record->key, &ioc, f->now_ms);
        }
    }
    metrics_add(f->metrics.records, 1);
    return 0;
}

static void show_redis(struct follower *f, const struct error *err)
{
    daemon_condition(f->daemon, "redis", err ? err->text : NULL);
}

static void lead(struct follower *f)
{
    struct error err = {0};
    int result = lease_tend(f->lease, clock_monotonic_us(), &err);
    bool leads = lease_is_held(f->lease, clock_monotonic_us());

    if (result < 0)
        show_redis(f, &err);
    metrics_set(f->metrics.leads, leads);
    if (!leads) {
        if (keeper_is_keeping(f->keeper) || keeper_is_building(f->keeper)) {
            log_warn("lease_lost", LOG_TEXT("consequence", "another iocfeed goes on"));
            keeper_stop(f->keeper);
        }
        return;
    }
    if (keeper_tend(f->keeper, f->now_ms, &err) < 0) {
        log_warn("redis_must_be_rewritten", LOG_TEXT("error", err.text));
        show_redis(f, &err);
    }
    if (f->has_read_all && !keeper_is_keeping(f->keeper) && !keeper_is_building(f->keeper) &&
        f->now_ms >= f->begin_ms) {
        f->begin_ms = f->now_ms + BUILD_AGAIN_MS;
        keeper_begin(f->keeper, f->now_ms);
        log_info("redis_is_written", LOG_INT("iocs", table_count(f->table)));
    }
}

static void build(struct follower *f)
{
    struct error err = {0};
    int result = keeper_build(f->keeper, f->now_ms, &err);

    if (result < 0 || !keeper_is_building(f->keeper))
        show_redis(f, result < 0 ? &err : NULL);
    if (result == 0 && !keeper_is_building(f->keeper))
        log_info("redis_is_complete", LOG_INT("iocs", table_count(f->table)));
}

/* The first time, up to where the topic ended when we began. */
static void see_whether_all_is_read(struct follower *f)
{
    struct error err = {0};

    if (f->has_read_all)
        return;
    if (!f->is_marked)
        f->is_marked = compacted_mark_end(f->topic, &err) == 0;
    f->has_read_all = f->is_marked && compacted_is_current(f->topic);
    if (f->has_read_all) {
        daemon_condition(f->daemon, "topic", NULL);
        log_info("topic_is_read", LOG_INT("iocs", table_count(f->table)));
    }
}

static long read_topic(struct follower *f, int wait_ms)
{
    struct error err = {0};
    long count = compacted_read(f->topic, wait_ms, AT_ONCE, take, f, &err);

    daemon_condition(f->daemon, "kafka", count < 0 && !f->lacks_schema ? err.text : NULL);
    return count;
}

void follower_turn(struct follower *f, int wait_ms, int64_t now_ms)
{
    struct error err = {0};

    f->now_ms = now_ms;
    if (keeper_is_building(f->keeper))
        build(f);
    else if (read_topic(f, wait_ms) > 0) {
        if (keeper_tell(f->keeper, &err) < 0)
            show_redis(f, &err);
    }
    see_whether_all_is_read(f);
    if (now_ms < f->tick_ms)
        return;
    f->tick_ms = now_ms + TICK_MS;
    metrics_set(f->metrics.iocs, (double)table_count(f->table));
    lead(f);
}

const struct table *follower_table(const struct follower *f)
{
    return f->table;
}

bool follower_leads(const struct follower *f)
{
    return f->has_read_all && lease_is_held(f->lease, clock_monotonic_us());
}

bool follower_is_current(const struct follower *f)
{
    return compacted_is_current(f->topic);
}

int follower_catch_up(struct follower *f, struct error *err)
{
    return compacted_mark_end(f->topic, err);
}

struct redis *follower_redis(struct follower *f)
{
    return f->redis;
}
