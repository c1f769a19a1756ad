/* windows_random: events made of choices, the orders in which they may come, and what is left of
 * the alerts when all is said.
 */
#pragma once

#include <stdlib.h>

#include "base/record_json.h"
#include "choices.h"
#include "correlator/windows.h"

enum { RANDOM_EVENTS = 60, RANDOM_LATENESS = 20000, RANDOM_ALERTS = 2000 };

/* One of each kind, over so few values that groups fill up. */
static const char random_correlations[] =
    "- {id: many, title: '{event_count} of {user}', correlation: {type: event_count, rules: [a.*], "
    "group-by: [source_ip], timespan: 10s, condition: {gte: 3}}}\n"
    "- {id: minutes, title: T, suppress: {for: 1m}, correlation: {type: event_count, rules: ['*'], "
    "group-by: [user, host], timespan: 30s, condition: {gt: 1}}}\n"
    "- {id: each, title: T, suppress: {for: 0}, correlation: {type: event_count, rules: [a.x], "
    "timespan: 5s, condition: {gte: 2}}}\n"
    "- {id: values, title: T, correlation: {type: value_count, rules: ['*'], group-by: "
    "[source_ip], timespan: 10s, condition: {field: [user, host], gte: 2}}}\n"
    "- {id: few, title: T, suppress: {for: 1m}, correlation: {type: value_count, rules: [b.*], "
    "group-by: [host], timespan: 10s, condition: {field: user, lt: 3}}}\n"
    "- {id: sum, title: T, correlation: {type: value_sum, rules: ['*'], group-by: [user], "
    "timespan: 10s, condition: {field: fields.n, gt: 3}}}\n"
    "- {id: avg, title: T, suppress: {for: 1m}, correlation: {type: value_avg, rules: ['*'], "
    "timespan: 20s, condition: {field: fields.n, gte: 1, lt: 2.5}}}\n"
    "- {id: median, title: T, suppress: {for: 0}, correlation: {type: value_percentile, rules: "
    "[a.x, b.y], group-by: [source_ip], timespan: 10s, condition: {field: fields.n, percentile: "
    "50, eq: 2}}}\n"
    "- {id: both, title: T, correlation: {type: temporal, rules: [a.x, b.y], group-by: [address], "
    "aliases: {address: {a.x: source_ip, b.y: target_ip}}, timespan: 10s}}\n"
    "- {id: after, title: T, generate: false, suppress: {for: 1m}, correlation: {type: "
    "temporal_ordered, rules: [many, b.y], group-by: [source_ip], timespan: 20s}}\n";

static inline struct correlations *random_rules_of_each_kind(void)
{
    struct correlations *set = correlations_new(CORRELATION_LIMITS_DEFAULT);

    if (correlations_add_bytes(set, "random.yaml", text_of(random_correlations), NULL) < 0 ||
        correlations_link(set, NULL) < 0)
        abort();
    return set;
}

static inline struct text random_one(struct choices *choices, const char *const *texts,
                                     size_t count)
{
    return text_of(texts[choose(choices, count)]);
}

/* Of two minutes; seconds are common, so that many events have one time. */
static inline struct event random_event(struct choices *choices, struct arena *arena, size_t n)
{
    static const char *const types[] = {"a.x", "a.y", "b.x", "b.y"};
    static const char *const addresses[] = {"", "10.0.0.1", "10.0.0.2"};
    static const char *const users[] = {"", "ann", "bob"};
    static const char *const hosts[] = {"", "h", "10.0.0.1"};
    static const char *const numbers[] = {"1", "2", "2.0005", "-1", "x", ""};
    struct text *field = arena_take(arena, 2 * sizeof(*field));
    struct event event;

    record_set_defaults(&event_type, &event);
    event.event_time = CORRELATION_TEST_START - 60000 + (int64_t)choose(choices, 120) * 1000 +
                       (choose(choices, 4) ? 0 : (int64_t)choose(choices, 3) - 1);
    event.event_id = arena_textf(arena, "%02zx-%zu", choose(choices, 256), n);
    event.event_type = random_one(choices, types, COUNT_OF(types));
    event.rule_id = event.event_type;
    event.threat_level = (int)choose(choices, 4);
    event.source_ip = random_one(choices, addresses, COUNT_OF(addresses));
    event.target_ip = random_one(choices, addresses, COUNT_OF(addresses));
    event.user = random_one(choices, users, COUNT_OF(users));
    event.host = random_one(choices, hosts, COUNT_OF(hosts));
    event.payload =
        arena_textf(arena, "%s%.*s from %.*s port %zu%s", choose(choices, 8) ? "login " : "\xf9",
                    TEXT_ARG(event.user), TEXT_ARG(event.source_ip), choose(choices, 100),
                    choose(choices, 3) ? "" : " 10.0.0.1 ann");
    event.tenant = TEXT("default");
    event.mode = choose(choices, 10) ? MODE_ALERT : MODE_SHADOW;
    field[0] = TEXT("n");
    field[1] = random_one(choices, numbers, COUNT_OF(numbers));
    event.fields = (struct record_map){&field[0], &field[1], 1};
    return event;
}

struct random_arrival {
    int64_t at_ms;
    struct event event;
};

static inline int random_by_arrival(const void *a, const void *b)
{
    const struct random_arrival *x = a, *y = b;

    return x->at_ms < y->at_ms ? -1 : x->at_ms > y->at_ms;
}

/* The events as they may come: late by up to RANDOM_LATENESS, some again, whenever. */
static inline size_t random_order(struct choices *choices, const struct event *events, size_t count,
                                  struct random_arrival *order)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t at_ms =
            events[i].event_time + (int64_t)choose(choices, RANDOM_LATENESS / 100) * 100;

        order[size++] = (struct random_arrival){at_ms, events[i]};
        if (choose(choices, 8) == 0)
            order[size++] =
                (struct random_arrival){at_ms + (int64_t)choose(choices, 256) * 1000, events[i]};
    }
    qsort(order, size, sizeof(*order), random_by_arrival);
    return size;
}

/* The last revision of each alert, as JSON without what may differ. */
struct random_result {
    struct text ids[RANDOM_ALERTS], alerts[RANDOM_ALERTS];
    int64_t revisions[RANDOM_ALERTS];
    size_t count;
    int64_t now_ms;
};

/* Revision 0 may be said again (life.h), so that the last to come is not always the last. */
static inline void random_keep_alert(struct alert *alert, struct arena *arena,
                                     struct random_result *result)
{
    int64_t revision = alert->revision;
    AUTO_BUF json = {0};
    size_t at = 0;

    alert->revision = alert->emitted_at = 0;
    record_json_write(&alert_type, alert, &json);
    while (at < result->count && !text_equal(result->ids[at], alert->alert_id))
        at++;
    if (at == RANDOM_ALERTS)
        abort();
    if (at == result->count) {
        result->ids[at] = arena_copy(arena, alert->alert_id);
        result->revisions[result->count++] = revision;
    }
    if (revision < result->revisions[at])
        return;
    result->revisions[at] = revision;
    result->alerts[at] = arena_copy(arena, buf_text(&json));
}

static inline void random_keep(struct windows *windows, struct arena *arena,
                               struct random_result *result)
{
    struct alert *alerts;
    size_t count = windows_take(windows, &alerts);

    for (size_t i = 0; i < count; i++)
        random_keep_alert(&alerts[i], arena, result);
}

static inline struct windows_settings random_settings(void)
{
    struct windows_settings settings = WINDOWS_DEFAULTS;

    settings.max_lateness_ms = RANDOM_LATENESS;
    settings.types_window_ms = 5000;
    settings.update_every_ms = 1000;
    return settings;
}

enum { RANDOM_BATCH = 8 };

/* The next batch of @order; how many. */
static inline size_t random_batch(struct choices *choices, const struct random_arrival *order,
                                  size_t size, struct event batch[RANDOM_BATCH])
{
    size_t count = 1 + choose(choices, RANDOM_BATCH);

    count = count < size ? count : size;
    for (size_t i = 0; i < count; i++)
        batch[i] = order[i].event;
    return count;
}

/* Feeds @order in batches of random sizes. @result is in @arena. The windows are the caller's. */
static inline struct windows *random_run(struct choices *choices, const struct correlations *rules,
                                         const struct random_arrival *order, size_t size,
                                         struct arena *arena, struct random_result *result)
{
    struct windows_settings settings = random_settings();
    struct event batch[RANDOM_BATCH];
    size_t count;

    settings.only_last = choose(choices, 2);
    struct windows *windows = windows_new(rules, &settings);

    result->count = 0;
    for (size_t i = 0; i < size; i += count) {
        int64_t now_ms;

        count = random_batch(choices, order + i, size - i, batch);
        now_ms = order[i + count - 1].at_ms;
        windows_feed(windows, batch, count, now_ms);
        random_keep(windows, arena, result);
        windows_advance(windows, now_ms);
        random_keep(windows, arena, result);
    }
    windows_finish(windows, order[size - 1].at_ms);
    random_keep(windows, arena, result);
    return windows;
}

/* Whether both say the same; else the first alert on which they differ. */
static inline bool random_same(const struct random_result *a, const struct random_result *b,
                               struct text *differs, struct text *other)
{
    *differs = *other = (struct text){0};
    for (size_t i = 0; i < a->count; i++) {
        size_t k = 0;

        while (k < b->count && !text_equal(a->ids[i], b->ids[k]))
            k++;
        if (k < b->count && text_equal(a->alerts[i], b->alerts[k]))
            continue;
        *differs = a->alerts[i];
        *other = k < b->count ? b->alerts[k] : TEXT("none");
        return false;
    }
    return a->count == b->count;
}
