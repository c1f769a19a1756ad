#include "cli/commands/scan_alerts.h"

#include <stdlib.h>

#include "cli/commands/scan_gather.h"

struct scan_alerts {
    struct correlations *rules;
    struct actions *actions;
    struct windows *windows;
    struct text_list fields; /* owned, with its items */
    int64_t newest_ms;
    struct scan_gather *gather; /* NULL: events come to the windows at once */
};

static void list_fields(struct scan_alerts *alerts)
{
    const struct text *paths;
    size_t count = correlations_fields(alerts->rules, &paths);

    alerts->fields.items = mem_zero((count + 1) * sizeof(*alerts->fields.items));
    for (size_t i = 0; i < count; i++) {
        char *path = mem_zero(paths[i].size + 1);

        memcpy(path, paths[i].bytes, paths[i].size);
        alerts->fields.items[alerts->fields.count++] = path;
    }
}

struct scan_alerts *scan_alerts_open(const struct correlation_options *options,
                                     enum scan_alerts_way way, struct error *err)
{
    struct scan_alerts *alerts = mem_zero(sizeof(*alerts));
    struct windows_settings settings = WINDOWS_DEFAULTS;

    alerts->newest_ms = WINDOWS_EARLIEST_MS;
    alerts->gather = way == SCAN_ALERTS_GATHERED ? scan_gather_new() : NULL;
    alerts->rules = correlation_files_load(options, CORRELATION_LIMITS_DEFAULT, NULL, 0, err);
    alerts->actions = alerts->rules ? correlation_files_actions(err) : NULL;
    if (!alerts->actions) {
        scan_alerts_close(alerts);
        return NULL;
    }
    settings.only_last = way != SCAN_ALERTS_UPDATES;
    settings.actions = alerts->actions;
    alerts->windows = windows_new(alerts->rules, &settings);
    list_fields(alerts);
    return alerts;
}

void scan_alerts_close(struct scan_alerts *alerts)
{
    if (!alerts)
        return;
    for (size_t i = 0; i < alerts->fields.count; i++)
        free((void *)(uintptr_t)alerts->fields.items[i]);
    free(alerts->fields.items);
    scan_gather_free(alerts->gather);
    windows_free(alerts->windows);
    actions_free(alerts->actions);
    correlations_free(alerts->rules);
    free(alerts);
}

const struct text_list *scan_alerts_fields(const struct scan_alerts *alerts)
{
    return &alerts->fields;
}

static void take(void *self, const struct event *event)
{
    struct scan_alerts *alerts = self;

    if (event->event_time > alerts->newest_ms && event->event_time <= WINDOWS_LATEST_MS)
        alerts->newest_ms = event->event_time;
    windows_advance(alerts->windows, alerts->newest_ms);
    windows_feed(alerts->windows, event, 1, alerts->newest_ms);
}

size_t scan_alerts_feed(struct scan_alerts *alerts, const struct event *event, struct alert **found)
{
    if (!alerts->gather)
        take(alerts, event);
    else
        scan_gather_add(alerts->gather, event);
    if (alerts->gather && scan_gather_is_full(alerts->gather))
        scan_gather_give(alerts->gather, take, alerts);
    return windows_take(alerts->windows, found);
}

size_t scan_alerts_finish(struct scan_alerts *alerts, struct alert **found)
{
    if (alerts->gather)
        scan_gather_give(alerts->gather, take, alerts);
    windows_finish(alerts->windows, alerts->newest_ms);
    return windows_take(alerts->windows, found);
}

uint64_t scan_alerts_late(const struct scan_alerts *alerts)
{
    uint64_t late = 0;

    for (size_t i = 0; i < windows_rules(alerts->windows); i++)
        late += windows_rule(alerts->windows, i)->counts.late;
    return late;
}
