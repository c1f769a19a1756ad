#include "correlator/outside/correlator_metrics.h"

#include <stdlib.h>

#include "base/event.h"

/* How a figure of struct plan_counts is called. */
static const struct {
    const char *outcome; /* NULL: it has a metric of its own */
    size_t offset;
} figures[] = {
    {"opened", offsetof(struct plan_counts, opened)},
    {"counted", offsetof(struct plan_counts, counted)},
    {"waiting", offsetof(struct plan_counts, waiting)},
    {"repeated", offsetof(struct plan_counts, repeated)},
    {"late", offsetof(struct plan_counts, late)},
    {"missing", offsetof(struct plan_counts, missing)},
    {NULL, offsetof(struct plan_counts, selected)},
    {NULL, offsetof(struct plan_counts, crowded)},
    {NULL, offsetof(struct plan_counts, forgotten)},
};

static const struct {
    const char *name, *help;
    size_t offset;
} totals[] = {
    {"haechi_correlator_batches_total", "Batches whose groups were written.",
     offsetof(struct shared_totals, batches)},
    {"haechi_correlator_rounds_total",
     "Round trips to Redis for batches: more than batches where others wrote.",
     offsetof(struct shared_totals, rounds)},
    {"haechi_correlator_group_writes_total", "Groups written to Redis.",
     offsetof(struct shared_totals, writes)},
    {"haechi_correlator_group_conflicts_total",
     "Groups written again since another correlator had written.",
     offsetof(struct shared_totals, conflicts)},
    {"haechi_correlator_cache_hits_total", "Groups that were in memory.",
     offsetof(struct shared_totals, cache_hits)},
    {"haechi_correlator_cache_misses_total", "Groups that were not in memory, or are new.",
     offsetof(struct shared_totals, cache_misses)},
    {"haechi_correlator_unreadable_states_total",
     "Groups in Redis that could not be read, and began anew.",
     offsetof(struct shared_totals, unreadable_states)},
    {"haechi_correlator_huge_states_total",
     "Groups that were too large for Redis, and lost their oldest events.",
     offsetof(struct shared_totals, huge_states)},
    {"haechi_correlator_timers_total", "Timers of groups that rang.",
     offsetof(struct shared_totals, timers_fired)},
    {"haechi_correlator_state_bytes_total", "Bytes of groups written to Redis.",
     offsetof(struct shared_totals, state_bytes)},
};

struct rule_metrics {
    struct counter *counters[COUNT_OF(figures)];
    uint64_t seen[COUNT_OF(figures)];
};

struct correlator_metrics {
    struct metrics *metrics;
    struct counter *alerts[3], *shadow_alerts; /* by status */
    struct counter *judged, *shadow;
    struct counter *totals[COUNT_OF(totals)];
    struct counter *reloaded, *reload_failed;
    struct gauge *rules_in_force, *groups, *cache_bytes;
    struct rule_metrics *rules;
    size_t rule_count, rule_capacity;
};

static struct counter *counter(struct metrics *metrics, const char *name, const char *help,
                               struct metric_label label)
{
    return metrics_counter(metrics, name, help, label, NO_LABEL);
}

static void make_alerts(struct correlator_metrics *self)
{
    static const char name[] = "haechi_correlator_alerts_total";
    static const char help[] = "Alerts written, by status; shadow: of rules on trial.";

    for (size_t i = 0; i < COUNT_OF(self->alerts); i++)
        self->alerts[i] = counter(self->metrics, name, help, LABEL("status", alert_statuses[i]));
    self->shadow_alerts = counter(self->metrics, name, help, LABEL("status", "shadow"));
}

static void make_events(struct correlator_metrics *self)
{
    static const char name[] = "haechi_correlator_events_total";
    static const char help[] = "Events by what became of them; shadow ones feed no rule.";

    self->judged = counter(self->metrics, name, help, LABEL("outcome", "judged"));
    self->shadow = counter(self->metrics, name, help, LABEL("outcome", "shadow"));
}

static void make_reloads(struct correlator_metrics *self)
{
    static const char name[] = "haechi_correlator_reloads_total";
    static const char help[] = "Times the correlations were read again.";

    self->reloaded = counter(self->metrics, name, help, LABEL("result", "ok"));
    self->reload_failed = counter(self->metrics, name, help, LABEL("result", "failed"));
}

struct correlator_metrics *correlator_metrics_new(struct metrics *metrics)
{
    struct correlator_metrics *self = mem_zero(sizeof(*self));

    self->metrics = metrics;
    make_alerts(self);
    make_events(self);
    make_reloads(self);
    for (size_t i = 0; i < COUNT_OF(totals); i++)
        self->totals[i] = counter(metrics, totals[i].name, totals[i].help, NO_LABEL);
    self->rules_in_force = metrics_gauge(metrics, "haechi_correlator_rules",
                                         "Correlations in force.", NO_LABEL, NO_LABEL);
    self->groups = metrics_gauge(metrics, "haechi_correlator_cache_groups",
                                 "Groups that are in memory.", NO_LABEL, NO_LABEL);
    self->cache_bytes = metrics_gauge(metrics, "haechi_correlator_cache_bytes",
                                      "What groups take in memory, about.", NO_LABEL, NO_LABEL);
    return self;
}

void correlator_metrics_free(struct correlator_metrics *self)
{
    if (!self)
        return;
    free(self->rules);
    free(self);
}

void correlator_metrics_alert(struct correlator_metrics *self, const struct alert *alert)
{
    metrics_add(alert->mode == MODE_SHADOW ? self->shadow_alerts : self->alerts[alert->status], 1);
}

static struct counter *rule_counter(struct correlator_metrics *self, size_t figure,
                                    struct metric_label rule)
{
    if (figures[figure].outcome)
        return metrics_counter(self->metrics, "haechi_correlator_rule_events_total",
                               "Events that a rule selected, by what became of them.", rule,
                               LABEL("outcome", figures[figure].outcome));
    if (figures[figure].offset == offsetof(struct plan_counts, crowded))
        return counter(self->metrics, "haechi_correlator_rule_crowded_groups_total",
                       "Groups that reached max_members.", rule);
    if (figures[figure].offset == offsetof(struct plan_counts, forgotten))
        return counter(self->metrics, "haechi_correlator_rule_forgotten_alerts_total",
                       "Alerts that made room for newer ones of their group.", rule);
    return counter(self->metrics, "haechi_correlator_rule_selected_total",
                   "Events that a rule selected, once for each group.", rule);
}

static void add_rule(struct correlator_metrics *self, const struct plan *plan)
{
    AUTO_BUF id = {0};

    buf_add(&id, plan->id);
    self->rules =
        mem_grow(self->rules, self->rule_count, &self->rule_capacity, sizeof(*self->rules));
    struct rule_metrics *rule = &self->rules[self->rule_count++];

    *rule = (struct rule_metrics){0};
    for (size_t i = 0; i < COUNT_OF(figures); i++)
        rule->counters[i] = rule_counter(self, i, LABEL("rule", buf_string(&id)));
}

static void update_rule(struct rule_metrics *rule, const struct plan_counts *counts)
{
    for (size_t i = 0; i < COUNT_OF(figures); i++) {
        uint64_t value = *(const uint64_t *)((const char *)counts + figures[i].offset);

        metrics_add(rule->counters[i], value - rule->seen[i]);
        rule->seen[i] = value;
    }
}

static void catch_up(struct counter *counter, uint64_t value)
{
    metrics_add(counter, value - metrics_value(counter));
}

void correlator_metrics_update(struct correlator_metrics *self,
                               const struct shared_windows *windows)
{
    struct shared_totals now = shared_windows_totals(windows);

    catch_up(self->judged, now.windows.events - now.windows.shadow - now.windows.refused);
    catch_up(self->shadow, now.windows.shadow);
    for (size_t i = 0; i < COUNT_OF(totals); i++)
        catch_up(self->totals[i], *(const uint64_t *)((const char *)&now + totals[i].offset));
    metrics_set(self->groups, (double)now.windows.groups);
    metrics_set(self->cache_bytes, (double)now.cache_bytes);
    while (self->rule_count < shared_windows_rules(windows))
        add_rule(self, shared_windows_rule(windows, self->rule_count));
    for (size_t i = 0; i < self->rule_count; i++)
        update_rule(&self->rules[i], &shared_windows_rule(windows, i)->counts);
}

void correlator_metrics_begin_rules(struct correlator_metrics *self, size_t rules)
{
    self->rule_count = 0;
    metrics_set(self->rules_in_force, (double)rules);
}

void correlator_metrics_reload(struct correlator_metrics *self, bool is_fine)
{
    metrics_add(is_fine ? self->reloaded : self->reload_failed, 1);
}
