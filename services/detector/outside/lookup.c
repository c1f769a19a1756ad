#include "detector/outside/lookup.h"

#include <stdlib.h>

#include "detector/outside/recent_events.h"
#include "io/geoip.h"
#include "io/redis.h"

struct lookup {
    const struct detector_settings *settings;
    struct worker *worker;
    struct geoip *geoip; /* NULL: no databases */
    struct detect_lookups places;
    uint64_t damaged_seen;
    struct counter *damaged;
    struct redis *redis;
    bool redis_works;
};

static bool place(void *self, const struct address *address, struct text *country, int64_t *asn,
                  bool *anonymous, bool *tor)
{
    struct geoip_answer found;

    if (!geoip_find(self, address, &found))
        return false;
    *country = found.country;
    *asn = found.asn < 0 ? RECORD_NULL : found.asn;
    *anonymous = found.anonymous;
    *tor = found.tor;
    return true;
}

int lookup_reload(struct lookup *lookup, struct error *err)
{
    const struct text_list *paths = &lookup->settings->geo_databases;

    if (paths->count == 0)
        return 0;
    struct geoip *fresh = geoip_open(paths->items, paths->count, err);

    if (!fresh)
        return err->code;
    geoip_close(lookup->geoip);
    lookup->geoip = fresh;
    lookup->damaged_seen = 0;
    lookup->places = (struct detect_lookups){.place = place, .self = fresh};
    return 0;
}

struct lookup *lookup_open(const struct detector_settings *settings, struct worker *worker,
                           struct error *err)
{
    struct lookup *lookup = mem_zero(sizeof(*lookup));

    lookup->settings = settings;
    lookup->worker = worker;
    if (lookup_reload(lookup, err) < 0) {
        lookup_close(lookup);
        return NULL;
    }
    if (!worker)
        return lookup;
    lookup->redis = redis_open(worker_redis(worker), worker_metrics(worker), "detector");
    lookup->damaged =
        metrics_counter(worker_metrics(worker), "haechi_detector_geo_damaged_total",
                        "Look-ups that found a database damaged.", NO_LABEL, NO_LABEL);
    return lookup;
}

void lookup_close(struct lookup *lookup)
{
    if (!lookup)
        return;
    geoip_close(lookup->geoip);
    redis_close(lookup->redis);
    free(lookup);
}

static void show_redis(struct lookup *lookup, const struct error *problem)
{
    lookup->redis_works = !problem;
    worker_condition(lookup->worker, "redis", problem ? problem->text : NULL);
}

static size_t ask_recent_events(struct lookup *lookup, struct finding *findings, size_t count)
{
    size_t asked = 0;

    for (size_t i = 0; i < count; i++) {
        struct finding *finding = &findings[i];

        /* Events of one log share address and time. */
        finding->is_asked =
            finding->count > 0 && recent_events_ask(lookup->redis, &finding->detections[0].event);
        asked += finding->is_asked;
    }
    return asked;
}

static void answer(struct finding *finding, const redisReply *reply)
{
    int64_t recent = RECORD_NULL;
    bool is_known = reply && recent_events_read(reply, &recent);

    for (size_t i = 0; i < finding->count; i++) {
        struct event_context *context = &finding->detections[i].event.context;

        context->recent_events = recent;
        if (!is_known)
            context->enrichment = ENRICHMENT_DEGRADED;
    }
}

int lookup_ask(struct lookup *lookup, struct finding *findings, size_t count, struct error *err)
{
    redisReply *const *replies = NULL;
    size_t reply_count = 0, next = 0;

    if (ask_recent_events(lookup, findings, count) == 0)
        return 0;
    int result = redis_run(lookup->redis, &replies, &reply_count, err);

    show_redis(lookup, result < 0 ? err : NULL);
    if (result < 0 && worker_redis(lookup->worker)->on_failure == REDIS_PAUSE)
        return result;
    for (size_t i = 0; i < count; i++) {
        if (findings[i].is_asked)
            answer(&findings[i], result < 0 ? NULL : replies[next++]);
    }
    return 0;
}

const struct detect_lookups *lookup_of_places(const struct lookup *lookup)
{
    return &lookup->places;
}

void lookup_tick(struct lookup *lookup)
{
    redisReply *const *replies;
    struct error err = {0};
    size_t count;

    if (lookup->geoip) {
        uint64_t damaged = geoip_damaged(lookup->geoip);

        metrics_add(lookup->damaged, damaged - lookup->damaged_seen);
        lookup->damaged_seen = damaged;
    }
    if (!lookup->redis_works)
        show_redis(lookup, redis_run(lookup->redis, &replies, &count, &err) < 0 ? &err : NULL);
}
