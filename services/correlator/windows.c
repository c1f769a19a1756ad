#include "correlator/windows.h"

#include <stdlib.h>

#include "correlator/group.h"
#include "correlator/router.h"
#include "correlator/text_key.h"
#include "correlator/window_number.h"

enum { ARENA_BLOCK = 64 * 1024, ARENA_KEPT = 1024 * 1024 };

/* A group that an event belongs to by some of a rule's selections, and what it brings there. */
struct found {
    struct group *group;
    struct offer offer;
};

struct windows {
    struct windows_settings settings;
    struct router *router;
    GHashTable *groups; /* key -> struct group, owned */
    struct life life;
    struct arena *arena;   /* of alerts */
    struct arena *scratch; /* of one event */
    struct buf key;
    bool is_taken; /* the alerts that are there may go */
    struct windows_totals totals;
    /* Of one event and rule: in as many groups as it has selections. */
    struct found found[CORRELATION_MAX_SELECTIONS * CORRELATION_MAX_SELECTIONS];
    size_t found_count;
};

struct windows *windows_new(const struct correlations *rules,
                            const struct windows_settings *settings)
{
    struct windows *windows = mem_zero(sizeof(*windows));
    const struct router_settings router = {settings->max_lateness_ms, settings->suppress_ms,
                                           settings->types_window_ms};

    windows->settings = *settings;
    windows->router = router_new(rules, &router);
    windows->groups = g_hash_table_new(text_key_hash, text_key_equal);
    windows->arena = arena_new(ARENA_BLOCK);
    windows->scratch = arena_new(ARENA_BLOCK);
    windows->life.settings = (struct life_settings){
        .update_every_ms = settings->update_every_ms,
        .settle_ms = settings->settle_ms,
        .only_last = settings->only_last,
        .actions = settings->actions,
        .language = settings->language,
    };
    windows->life.arena = windows->arena;
    return windows;
}

static void free_group(void *key, void *group, void *life)
{
    (void)key;
    group_free(group, life);
}

void windows_free(struct windows *windows)
{
    if (!windows)
        return;
    g_hash_table_foreach(windows->groups, free_group, &windows->life);
    g_hash_table_destroy(windows->groups);
    life_done(&windows->life);
    router_free(windows->router);
    arena_free(windows->arena);
    arena_free(windows->scratch);
    buf_done(&windows->key);
    free(windows);
}

static struct group *find_group(struct windows *windows, struct text tenant,
                                const struct text *names, const struct text *values, size_t count)
{
    buf_reset(&windows->key);
    group_write_key(tenant, names, values, count, &windows->key);
    struct text key = buf_text(&windows->key);
    struct group *group = g_hash_table_lookup(windows->groups, &key);

    if (group)
        return group;
    group = group_new(key, tenant, names, values, count, windows->settings.types_window_ms);
    g_hash_table_insert(windows->groups, &group->key, group);
    windows->totals.groups++;
    return group;
}

/* What the event has in the fields of a value_count; of several fields, one text that no other
 * values give. False: one is absent. */
static bool read_value(struct windows *windows, const struct correlation *rule,
                       const struct event *event, struct text *value)
{
    struct text values[CORRELATION_MAX_KEYS];
    AUTO_BUF joined = {0};

    for (size_t i = 0; i < rule->field_count; i++) {
        values[i] = correlation_value_of(&rule->fields[i], event);
        if (values[i].size == 0)
            return false;
    }
    *value = values[0];
    if (rule->field_count == 1)
        return true;
    for (size_t i = 0; i < rule->field_count; i++)
        group_write_key(values[i], NULL, NULL, 0, &joined);
    *value = arena_copy(windows->scratch, buf_text(&joined));
    return true;
}

/* Whether the event has what the rule, or the count that it names, looks into. */
static bool read_fields(struct windows *windows, const struct correlation *rule,
                        const struct event *event, struct text *value, int64_t *number)
{
    switch (rule->type) {
    case CORRELATION_VALUE_COUNT:
        return read_value(windows, rule, event, value);
    case CORRELATION_VALUE_SUM:
    case CORRELATION_VALUE_AVG:
    case CORRELATION_VALUE_PERCENTILE:
        return window_number_parse(correlation_value_of(&rule->fields[0], event), number);
    case CORRELATION_EVENT_COUNT:
    case CORRELATION_TEMPORAL:
    case CORRELATION_TEMPORAL_ORDERED:
    case CORRELATION_SILENCE:
        break;
    }
    return true;
}

/* The group that a selection puts the event into; NULL: the event lacks one of the fields. */
static struct group *group_by(struct windows *windows, const struct correlation *rule,
                              const struct correlation_selection *selection,
                              const struct event *event)
{
    struct text values[CORRELATION_MAX_KEYS];

    for (size_t i = 0; i < rule->group_count; i++) {
        values[i] = correlation_value_of(&selection->keys[i], event);
        if (values[i].size == 0)
            return NULL;
    }
    return find_group(windows, event->tenant, rule->group_by, values, rule->group_count);
}

static struct offer *offer_for(struct windows *windows, struct group *group)
{
    for (size_t i = 0; i < windows->found_count; i++) {
        if (windows->found[i].group == group)
            return &windows->found[i].offer;
    }
    struct found *found = &windows->found[windows->found_count++];

    found->group = group;
    found->offer = (struct offer){0};
    return &found->offer;
}

/* Returns whether the event lacks a field of the group-by. */
static bool gather(struct windows *windows, const struct plan *plan, const struct plan_entry *entry,
                   const struct event *event)
{
    struct text value = {0};
    int64_t number = 0;

    if (!correlation_selects(entry->selection, event) ||
        !read_fields(windows, entry->counted, event, &value, &number))
        return false;
    struct group *group = group_by(windows, plan->rule, entry->selection, event);

    if (!group)
        return true;
    struct offer *offer = offer_for(windows, group);

    if (entry->nested >= 0) {
        offer->nested |= UINT32_C(1) << entry->nested;
        offer->nested_values[entry->nested] = value;
        return false;
    }
    offer->selections |= UINT32_C(1) << entry->bit;
    offer->value = value;
    offer->number = number;
    return false;
}

static void count(struct plan_counts *counts, enum outcome outcome)
{
    uint64_t *const of[] = {
        [OUTCOME_OPENED] = &counts->opened,   [OUTCOME_COUNTED] = &counts->counted,
        [OUTCOME_WAITING] = &counts->waiting, [OUTCOME_REPEATED] = &counts->repeated,
        [OUTCOME_LATE] = &counts->late,
    };

    counts->selected++;
    (*of[outcome])++;
}

/* The event's copy is made when the first rule wants it. */
static struct sighting *kept(struct sighting **sighting, const struct event *event)
{
    if (!*sighting)
        *sighting = sighting_new(event);
    return *sighting;
}

static void offer(struct windows *windows, struct plan *plan, struct group *group,
                  const struct offer *offer)
{
    struct track *track = group_track(group, plan);

    count(&plan->counts, track_offer(track, offer, windows->settings.members,
                                     windows->settings.max_lateness_ms, &windows->life));
}

/* One rule's entries of @route from place @from on. Returns where the next rule's begin. */
static size_t feed_rule(struct windows *windows, const struct route *route, size_t from,
                        const struct event *event, struct sighting **sighting)
{
    struct plan *plan = route->plans[from];
    bool is_missing = false;
    size_t i = from;

    windows->found_count = 0;
    for (; i < route->count && route->plans[i] == plan; i++)
        is_missing |= gather(windows, plan, route->entries[i], event);
    if (windows->found_count == 0 && is_missing) {
        plan->counts.selected++;
        plan->counts.missing++;
    }
    for (size_t k = 0; k < windows->found_count; k++) {
        windows->found[k].offer.event = kept(sighting, event);
        offer(windows, plan, windows->found[k].group, &windows->found[k].offer);
    }
    return i;
}

static bool is_withheld(const struct route *route, const struct event *event)
{
    for (size_t i = 0; i < route->withheld_count; i++) {
        if (correlation_selects(route->withheld[i], event))
            return true;
    }
    return false;
}

static struct group *group_of_entity(struct windows *windows, const struct event *event,
                                     bool *is_lasting)
{
    const struct {
        struct text kind, value;
    } candidates[] = {{TEXT("source_ip"), event->source_ip},
                      {TEXT("host"), event->host},
                      {TEXT("user"), event->user},
                      {TEXT("event_id"), event->event_id}};
    size_t i = 0;

    while (candidates[i].value.size == 0)
        i++;
    *is_lasting = i + 1 < COUNT_OF(candidates);
    return find_group(windows, event->tenant, &candidates[i].kind, &candidates[i].value, 1);
}

/* The event by itself: an alert, or one of several types of attack. */
static void feed_single(struct windows *windows, const struct route *route,
                        const struct event *event, struct sighting **sighting)
{
    bool is_alert =
        event->threat_level >= windows->settings.min_level && !is_withheld(route, event);
    bool is_lasting;

    if (event->threat_level < LEVEL_MEDIUM && !is_alert)
        return;
    struct group *group = group_of_entity(windows, event, &is_lasting);

    if (event->threat_level >= LEVEL_MEDIUM && is_lasting)
        group_note_type(group, route->event_type, event->event_time,
                        windows->settings.max_lateness_ms + windows->settings.types_window_ms,
                        windows->settings.members, &windows->life);
    if (is_alert) {
        struct offer alone = {.event = kept(sighting, event)};

        offer(windows, route->single, group, &alone);
    }
}

static void feed_one(struct windows *windows, const struct event *event)
{
    struct sighting *sighting = NULL;

    windows->totals.events++;
    if (event->mode != MODE_ALERT) {
        windows->totals.shadow++;
        return;
    }
    if (event->event_id.size == 0 || event->event_time < WINDOWS_EARLIEST_MS ||
        event->event_time > WINDOWS_LATEST_MS) {
        windows->totals.refused++;
        return;
    }
    const struct route *route = router_find(windows->router, event);

    arena_reset(windows->scratch, ARENA_KEPT);
    for (size_t i = 0; i < route->count;)
        i = feed_rule(windows, route, i, event, &sighting);
    feed_single(windows, route, event, &sighting);
    sighting_leave(sighting);
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

void windows_feed(struct windows *windows, const struct event *events, size_t count, int64_t now_ms)
{
    begin(windows, now_ms);
    for (size_t i = 0; i < count; i++)
        feed_one(windows, &events[i]);
}

void windows_advance(struct windows *windows, int64_t now_ms)
{
    struct timer *timer;

    begin(windows, now_ms);
    while ((timer = timers_take(&windows->life.timers, now_ms))) {
        if (timer->kind == TIMER_SLOT)
            life_fire(&windows->life, (struct slot *)(void *)timer);
        else
            track_settle((struct track *)(void *)timer, &windows->life);
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

static void finish_group(void *key, void *self, void *life)
{
    struct group *group = self;

    (void)key;
    for (size_t i = 0; i < group->track_count; i++) {
        struct track *track = group->tracks[i];

        track_settle(track, life);
        for (size_t k = 0; k < track->slots.count; k++)
            life_end(life, track->slots.items[k]);
    }
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
    return windows->totals;
}

size_t windows_rules(const struct windows *windows)
{
    return router_plans(windows->router);
}

const struct plan *windows_rule(const struct windows *windows, size_t i)
{
    return router_plan(windows->router, i);
}
