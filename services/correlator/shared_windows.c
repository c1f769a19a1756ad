#include "correlator/shared_windows.h"

#include <errno.h>
#include <stdlib.h>

#include "correlator/rounds.h"

enum {
    ARENA_BLOCK = 64 * 1024,
    ARENA_KEPT = 16 * 1024 * 1024,
    FIRE_ALERTS = 10000, /* in one go; what is left stays due */
};

struct shared_windows {
    struct shared_windows_settings settings;
    struct store *store;
    struct group_limits limits;
    struct router *router;
    struct assort *assort;
    struct rounds rounds;
    struct arena *arena; /* of the batch: shares, texts, alerts */
    struct buf key;
    uint64_t batch;
    size_t event; /* that is being assorted */
    /* Of the batch, owned: a user of each event that a window takes, and the rule of each that
     * lacks a field. */
    struct sighting **sightings;
    size_t sighting_count, sighting_capacity;
    struct plan **missing;
    size_t missing_count, missing_capacity;
    struct shared_alert *alerts;
    size_t alert_count;
    struct shared_totals totals;
    struct assort_totals assorted; /* under rules of before */
};

/* Assorting. */

static void *find(void *self, struct text tenant, const struct text *names,
                  const struct text *values, size_t count)
{
    struct shared_windows *windows = self;
    struct group_cache *cache = windows->rounds.cache;

    buf_reset(&windows->key);
    group_write_key(tenant, names, values, count, &windows->key);
    struct text key = buf_text(&windows->key);
    struct cached *cached = group_cache_find(cache, key);

    if (cached) {
        windows->totals.cache_hits += cached->batch != windows->batch;
        return cached;
    }
    windows->totals.cache_misses++;
    return group_cache_add(cache, group_new(key, tenant, names, values, count,
                                            windows->settings.windows.types_window_ms));
}

static void hold(struct shared_windows *windows, struct sighting *event)
{
    size_t count = windows->sighting_count;

    if (count > 0 && windows->sightings[count - 1] == event)
        return;
    windows->sightings =
        mem_grow(windows->sightings, count, &windows->sighting_capacity, sizeof(struct sighting *));
    windows->sightings[windows->sighting_count++] = sighting_share(event);
}

static void take(void *self, void *place, const struct share *share)
{
    struct shared_windows *windows = self;
    struct visit *visit = rounds_visit(&windows->rounds, place, windows->batch);
    struct visit_share *kept = ARENA_NEW(windows->arena, struct visit_share);

    kept->share = *share;
    kept->event = windows->event;
    if (share->plan) {
        size_t size = share->plan->nested_count * sizeof(struct text);
        struct text *values = arena_take(windows->arena, size);

        if (size > 0)
            memcpy(values, share->offer.nested_values, size);
        kept->share.offer.nested_values = values;
        hold(windows, share->offer.event);
    }
    if (visit->last)
        visit->last->next = kept;
    else
        visit->first = kept;
    visit->last = kept;
}

static void miss(void *self, struct plan *plan)
{
    struct shared_windows *windows = self;

    windows->missing = mem_grow(windows->missing, windows->missing_count,
                                &windows->missing_capacity, sizeof(struct plan *));
    windows->missing[windows->missing_count++] = plan;
}

static const struct assort_ops ops = {find, take, miss};

/* Beginning, ending. */

static void make_parts(struct shared_windows *windows, const struct correlations *rules)
{
    const struct windows_settings *settings = &windows->settings.windows;
    const struct router_settings router = windows_router(settings);
    struct rounds *rounds = &windows->rounds;

    windows->limits = windows_limits(settings);
    const struct group_keeping keeping = {.decision_ttl_ms = windows->settings.decision_ttl_ms,
                                          .standstill_ms = windows->settings.standstill_ms,
                                          .types_keep_ms = windows->limits.types_keep_ms,
                                          .add_from = windows->settings.add_from};

    windows->router = router_new(rules, &router);
    windows->assort = assort_new(windows->router, settings->min_level, &ops, windows);
    rounds->codec = group_codec_new(windows->router, &keeping);
    rounds->cache = group_cache_new();
    rounds->limits = &windows->limits;
    rounds->types_window_ms = settings->types_window_ms;
    rounds->life.settings = windows_life(settings);
    rounds->life.settings.only_last = false;
    rounds->life.settings.fill = FIRE_ALERTS;
    rounds->life.settings.lease_ms = windows->settings.lease_ms;
    rounds->life.settings.decision_ttl_ms = windows->settings.decision_ttl_ms;
}

static void free_parts(struct shared_windows *windows)
{
    group_cache_free(windows->rounds.cache);
    group_codec_free(windows->rounds.codec);
    assort_free(windows->assort);
    router_free(windows->router);
}

struct shared_windows *shared_windows_new(const struct correlations *rules,
                                          const struct shared_windows_settings *settings,
                                          struct store *store, uint64_t seed)
{
    struct shared_windows *windows = mem_zero(sizeof(*windows));

    windows->settings = *settings;
    windows->store = windows->rounds.store = store;
    windows->rounds.seed = seed;
    windows->arena = windows->rounds.life.arena = arena_new(ARENA_BLOCK);
    make_parts(windows, rules);
    return windows;
}

static void leave_sightings(struct shared_windows *windows)
{
    while (windows->sighting_count > 0)
        sighting_leave(windows->sightings[--windows->sighting_count]);
}

void shared_windows_free(struct shared_windows *windows)
{
    if (!windows)
        return;
    leave_sightings(windows);
    free_parts(windows);
    rounds_done(&windows->rounds);
    arena_free(windows->arena);
    buf_done(&windows->key);
    free(windows->sightings);
    free(windows->missing);
    free(windows->alerts);
    free(windows);
}

static void add_totals(struct assort_totals *sum, struct assort_totals more)
{
    sum->events += more.events;
    sum->shadow += more.shadow;
    sum->refused += more.refused;
}

void shared_windows_change_rules(struct shared_windows *windows, const struct correlations *rules,
                                 const struct windows_settings *settings)
{
    add_totals(&windows->assorted, assort_totals(windows->assort));
    free_parts(windows);
    windows->settings.windows = *settings;
    make_parts(windows, rules);
}

static void begin(struct shared_windows *windows, int64_t now_ms)
{
    rounds_begin(&windows->rounds, now_ms);
    arena_reset(windows->arena, ARENA_KEPT);
    windows->batch++;
    windows->missing_count = windows->alert_count = 0;
}

static void end(struct shared_windows *windows)
{
    const struct rounds *rounds = &windows->rounds;

    windows->alerts =
        mem_resize(windows->alerts, (rounds->alert_count + 1) * sizeof(*windows->alerts));
    for (size_t i = 0; i < rounds->alert_count; i++)
        windows->alerts[i] =
            (struct shared_alert){rounds->alerts[i].alert, rounds->alerts[i].event};
    windows->alert_count = rounds->alert_count;
    group_cache_trim(rounds->cache, windows->settings.cache_bytes);
}

/* Feeding. */

static void count(struct shared_windows *windows)
{
    const struct rounds *rounds = &windows->rounds;

    windows->totals.batches++;
    for (size_t i = 0; i < windows->missing_count; i++)
        plan_count_missing(windows->missing[i]);
    for (size_t i = 0; i < rounds->count; i++) {
        for (struct visit_share *share = rounds->visits[i].first; share; share = share->next) {
            const struct share_result *result = &share->result;

            if (share->share.plan)
                plan_count(share->share.plan, result->outcome, result->crowds, result->forgotten);
        }
    }
}

int shared_windows_feed(struct shared_windows *windows, const struct event *events, size_t size,
                        int64_t now_ms, struct error *err)
{
    uint64_t rounds = windows->rounds.totals.rounds;
    const struct assort_totals assorted = assort_totals(windows->assort);

    begin(windows, now_ms);
    for (size_t i = 0; i < size; i++) {
        windows->event = i;
        assort_event(windows->assort, &events[i], windows->arena);
    }
    int result = rounds_run(&windows->rounds, err);

    leave_sightings(windows);
    if (result < 0) {
        assort_take_back(windows->assort, assorted);
        return result;
    }
    windows->totals.rounds += windows->rounds.totals.rounds - rounds;
    count(windows);
    end(windows);
    return 0;
}

/* Timers. */

/* The groups that are called by id, from the cache or the store. */
struct wanted {
    struct store_read *reads; /* of those that are not in the cache */
    size_t count;
};

static void want(struct shared_windows *windows, const char *id, struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->count; i++) {
        if (strcmp(wanted->reads[i].id, id) == 0)
            return;
    }
    if (!group_cache_find_id(windows->rounds.cache, id))
        wanted->reads[wanted->count++] = (struct store_read){.id = id};
}

/* A state is no group's if it cannot be read, or is another's. */
static void keep_read(struct shared_windows *windows, const struct store_read *read)
{
    struct group *group = group_codec_read(windows->rounds.codec, read->state,
                                           windows->settings.windows.types_window_ms, NULL);

    if (!group || strcmp(group->id, read->id) != 0 ||
        group_cache_find_id(windows->rounds.cache, group->id)) {
        windows->rounds.totals.unreadable_states++;
        group_free(group);
        return;
    }
    group_cache_add(windows->rounds.cache, group)->version = read->version;
}

static int load(struct shared_windows *windows, const struct wanted *wanted, struct error *err)
{
    const char **gone = arena_take(windows->arena, (wanted->count + 1) * sizeof(*gone));
    size_t gone_count = 0;

    if (wanted->count == 0)
        return 0;
    int result = windows->store->load(windows->store, wanted->reads, wanted->count, err);

    for (size_t i = 0; result == 0 && i < wanted->count; i++) {
        const struct store_read *read = &wanted->reads[i];

        if (read->version == 0)
            gone[gone_count++] = read->id;
        else
            keep_read(windows, read);
    }
    if (result == 0 && gone_count > 0)
        result = windows->store->forget(windows->store, gone, gone_count, err);
    return result;
}

int shared_windows_fire(struct shared_windows *windows, int64_t now_ms, int64_t read_ms,
                        size_t most, size_t *size, struct error *err)
{
    char(*ids)[GROUP_ID_SIZE];
    struct wanted wanted = {0};
    int result;

    begin(windows, now_ms);
    windows->rounds.life.read_ms = read_ms;
    *size = 0;
    ids = arena_take(windows->arena, (most + 1) * sizeof(*ids));
    wanted.reads = arena_take(windows->arena, (most + 1) * sizeof(*wanted.reads));
    result = windows->store->claim(windows->store, now_ms, windows->settings.lease_ms, ids, most,
                                   size, err);
    for (size_t i = 0; result == 0 && i < *size; i++)
        want(windows, ids[i], &wanted);
    if (result == 0)
        result = load(windows, &wanted, err);
    for (size_t i = 0; result == 0 && i < *size; i++) {
        struct cached *cached = group_cache_find_id(windows->rounds.cache, ids[i]);

        if (cached)
            rounds_visit(&windows->rounds, cached, windows->batch)->fires = true;
    }
    if (result == 0)
        result = rounds_run(&windows->rounds, err);
    if (result < 0)
        return result;
    windows->totals.timers_fired += *size;
    end(windows);
    return 0;
}

static void visit_receipt(struct shared_windows *windows, const struct shared_receipt *receipt)
{
    struct cached *cached = group_cache_find_id(windows->rounds.cache, receipt->group_id);

    if (!cached)
        return;
    struct visit *visit = rounds_visit(&windows->rounds, cached, windows->batch);
    struct visit_receipt *kept = ARENA_NEW(windows->arena, struct visit_receipt);

    *kept = (struct visit_receipt){{receipt->alert_id, receipt->revision}, visit->receipts};
    visit->receipts = kept;
}

int shared_windows_confirm(struct shared_windows *windows, const struct shared_receipt *receipts,
                           size_t size, int64_t now_ms, struct error *err)
{
    struct wanted wanted = {0};
    int result;

    begin(windows, now_ms);
    wanted.reads = arena_take(windows->arena, (size + 1) * sizeof(*wanted.reads));
    for (size_t i = 0; i < size; i++)
        want(windows, receipts[i].group_id, &wanted);
    result = load(windows, &wanted, err);
    if (result < 0)
        return result;
    for (size_t i = 0; i < size; i++)
        visit_receipt(windows, &receipts[i]);
    result = rounds_run(&windows->rounds, err);
    if (result == 0)
        end(windows);
    return result;
}

size_t shared_windows_take(struct shared_windows *windows, const struct shared_alert **alerts)
{
    *alerts = windows->alerts;
    return windows->alert_count;
}

/* Numbers. */

struct shared_totals shared_windows_totals(const struct shared_windows *windows)
{
    const struct rounds_totals *rounds = &windows->rounds.totals;
    struct shared_totals totals = windows->totals;
    struct assort_totals assorted = windows->assorted;

    add_totals(&assorted, assort_totals(windows->assort));
    totals.windows = (struct windows_totals){assorted.events, assorted.shadow, assorted.refused,
                                             group_cache_count(windows->rounds.cache)};
    totals.writes = rounds->writes;
    totals.additions = rounds->additions;
    totals.conflicts = rounds->conflicts;
    totals.unreadable_states = rounds->unreadable_states;
    totals.huge_states = rounds->huge_states;
    totals.state_bytes = rounds->state_bytes;
    totals.cache_bytes = group_cache_bytes(windows->rounds.cache);
    return totals;
}

size_t shared_windows_rules(const struct shared_windows *windows)
{
    return router_plans(windows->router);
}

const struct plan *shared_windows_rule(const struct shared_windows *windows, size_t i)
{
    return router_plan(windows->router, i);
}
