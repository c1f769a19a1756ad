#include "correlator/windows.h"

#include <stdlib.h>

#include "correlator/assort.h"
#include "correlator/text_key.h"

enum { ARENA_BLOCK = 64 * 1024, ARENA_KEPT = 1024 * 1024 };

struct windows {
    struct windows_settings settings;
    struct group_limits limits;
    struct router *router;
    struct assort *assort;
    GHashTable *groups; /* key -> struct group, owned */
    struct timers timers;
    struct life life;
    struct arena *arena;   /* of alerts */
    struct arena *scratch; /* of one event */
    struct buf key;
    bool is_taken; /* the alerts that are there may go */
};

static void *find_group(void *self, struct text tenant, const struct text *names,
                        const struct text *values, size_t count)
{
    struct windows *windows = self;

    buf_reset(&windows->key);
    group_write_key(tenant, names, values, count, &windows->key);
    struct text key = buf_text(&windows->key);
    struct group *group = g_hash_table_lookup(windows->groups, &key);

    if (group)
        return group;
    group = group_new(key, tenant, names, values, count, windows->settings.types_window_ms);
    g_hash_table_insert(windows->groups, &group->key, group);
    return group;
}

static void set_timer(struct windows *windows, struct group *group)
{
    if (group->due_ms == GROUP_NEVER)
        timers_clear(&windows->timers, &group->timer);
    else
        timers_set(&windows->timers, &group->timer, group->due_ms);
}

static void take(void *self, void *place, const struct share *share)
{
    struct windows *windows = self;
    struct group *group = place;
    struct share_result result = group_take(group, share, &windows->limits, &windows->life);

    if (share->plan)
        plan_count(share->plan, result.outcome, result.crowds, result.forgotten);
    if (group->due_ms < group->timer.due_ms || group->timer.place == 0)
        set_timer(windows, group);
}

static void miss(void *self, struct plan *plan)
{
    (void)self;
    plan_count_missing(plan);
}

static const struct assort_ops ops = {find_group, take, miss};

struct router_settings windows_router(const struct windows_settings *settings)
{
    return (struct router_settings){settings->max_lateness_ms, settings->suppress_ms,
                                    settings->types_window_ms};
}

struct group_limits windows_limits(const struct windows_settings *settings)
{
    return (struct group_limits){
        .members = settings->members,
        .lateness_ms = settings->max_lateness_ms,
        .types_keep_ms = settings->max_lateness_ms + settings->types_window_ms,
    };
}

struct life_settings windows_life(const struct windows_settings *settings)
{
    return (struct life_settings){
        .update_every_ms = settings->update_every_ms,
        .settle_ms = settings->settle_ms,
        .only_last = settings->only_last,
        .actions = settings->actions,
        .language = settings->language,
    };
}

struct windows *windows_new(const struct correlations *rules,
                            const struct windows_settings *settings)
{
    struct windows *windows = mem_zero(sizeof(*windows));
    const struct router_settings router = windows_router(settings);

    windows->settings = *settings;
    windows->router = router_new(rules, &router);
    windows->assort = assort_new(windows->router, settings->min_level, &ops, windows);
    windows->limits = windows_limits(settings);
    windows->groups = g_hash_table_new(text_key_hash, text_key_equal);
    windows->arena = arena_new(ARENA_BLOCK);
    windows->scratch = arena_new(ARENA_BLOCK);
    windows->life.settings = windows_life(settings);
    windows->life.arena = windows->arena;
    windows->life.read_ms = INT64_MAX;
    return windows;
}

static void free_group(void *key, void *group, void *unused)
{
    (void)key;
    (void)unused;
    group_free(group);
}

void windows_free(struct windows *windows)
{
    if (!windows)
        return;
    g_hash_table_foreach(windows->groups, free_group, NULL);
    g_hash_table_destroy(windows->groups);
    timers_done(&windows->timers);
    life_done(&windows->life);
    assort_free(windows->assort);
    router_free(windows->router);
    arena_free(windows->arena);
    arena_free(windows->scratch);
    buf_done(&windows->key);
    free(windows);
}

/* What was taken is gone with the next call. */
static void begin(struct windows *windows, int64_t now_ms)
{
    windows->life.now_ms = now_ms;
    if (!windows->is_taken)
        return;
    windows->is_taken = false;
    windows->life.count = 0;
    arena_reset(windows->arena, ARENA_KEPT);
}

static void feed(struct windows *windows, const struct event *event)
{
    arena_reset(windows->scratch, ARENA_KEPT);
    assort_event(windows->assort, event, windows->scratch);
}

void windows_feed(struct windows *windows, const struct event *events, size_t count, int64_t now_ms)
{
    begin(windows, now_ms);
    for (size_t i = 0; i < count; i++)
        feed(windows, &events[i]);
}

void windows_advance(struct windows *windows, int64_t now_ms)
{
    struct timer *timer;

    begin(windows, now_ms);
    while ((timer = timers_take(&windows->timers, now_ms))) {
        struct group *group = (struct group *)(void *)timer;

        group_fire(group, &windows->limits, &windows->life);
        set_timer(windows, group);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct alert *x = a, *y = b;
    int order = text_compare(x->alert_id, y->alert_id);

    if (x->first_seen != y->first_seen)
        return x->first_seen < y->first_seen ? -1 : 1;
    return order ? order : (x->revision > y->revision) - (x->revision < y->revision);
}

static void finish_group(void *key, void *group, void *life)
{
    (void)key;
    group_finish(group, life);
}

void windows_finish(struct windows *windows, int64_t now_ms)
{
    size_t before;

    begin(windows, now_ms);
    before = windows->life.count;
    g_hash_table_foreach(windows->groups, finish_group, &windows->life);
    if (windows->life.count > before)
        qsort(windows->life.alerts + before, windows->life.count - before,
              sizeof(*windows->life.alerts), by_time);
}

size_t windows_take(struct windows *windows, struct alert **alerts)
{
    windows->is_taken = true;
    *alerts = windows->life.alerts;
    return windows->life.count;
}

struct windows_totals windows_totals(const struct windows *windows)
{
    const struct assort_totals totals = assort_totals(windows->assort);

    return (struct windows_totals){totals.events, totals.shadow, totals.refused,
                                   g_hash_table_size(windows->groups)};
}

size_t windows_rules(const struct windows *windows)
{
    return router_plans(windows->router);
}

const struct plan *windows_rule(const struct windows *windows, size_t i)
{
    return router_plan(windows->router, i);
}
