#include "correlator/trial_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "correlator/silence_trial.h"
#include "correlator/windows.h"

enum { ARENA_BLOCK = 16 * 1024 };

bool trial_run_is_possible(const struct correlation *rule)
{
    return rule->alerts;
}

static int compare_events(const void *a, const void *b)
{
    const struct event *left = a, *right = b;

    if (left->event_time != right->event_time)
        return left->event_time < right->event_time ? -1 : 1;
    return text_compare(left->event_id, right->event_id);
}

static void feed(struct windows *windows, const struct correlation_test *test)
{
    struct event *events = mem_zero((test->event_count + 1) * sizeof(*events));

    for (size_t i = 0; i < test->event_count; i++)
        events[i] = test->events[i];
    qsort(events, test->event_count, sizeof(*events), compare_events);
    windows_feed(windows, events, test->event_count, CORRELATION_TEST_START);
    windows_finish(windows, CORRELATION_TEST_START);
    free(events);
}

static bool has_group(const struct alert *alert, const struct correlation *rule,
                      const struct correlation_expected *want)
{
    for (size_t i = 0; want->group && i < rule->group_count; i++) {
        if (i >= alert->group.count || !text_equal(alert->group.values[i], want->group[i]))
            return false;
    }
    return true;
}

static bool is_wanted(const struct alert *alert, const struct correlation *rule,
                      const struct correlation_expected *want)
{
    int64_t first = alert->first_seen - CORRELATION_TEST_START;
    int64_t last = alert->last_seen - CORRELATION_TEST_START;

    return (want->first_seen == RECORD_NULL || want->first_seen == first) &&
           (want->last_seen == RECORD_NULL || want->last_seen == last) &&
           (want->event_count < 0 || want->event_count == alert->event_count) &&
           (want->severity < 0 || want->severity == alert->severity) &&
           (want->title.size == 0 || text_equal(want->title, alert->title)) &&
           has_group(alert, rule, want);
}

/* "0s to 60s, 5 events, HIGH, source_ip 203.0.113.9" */
static void describe(const struct alert *alert, struct buf *out)
{
    buf_addf(out, "%gs to %gs, ", (double)(alert->first_seen - CORRELATION_TEST_START) / 1000,
             (double)(alert->last_seen - CORRELATION_TEST_START) / 1000);
    if (alert->event_count > 0) /* silence has none */
        buf_addf(out, "%" PRId64 " events, ", alert->event_count);
    buf_add_string(out, event_levels[alert->severity]);
    for (size_t i = 0; i < alert->group.count; i++)
        buf_addf(out, ", %.*s %.*s", TEXT_ARG(alert->group.names[i]),
                 TEXT_ARG(text_cut(alert->group.values[i], 60)));
}

static int refuse(const struct correlation *rule, const struct correlation_test *test, int line,
                  struct error *err, const char *what)
{
    if (test->name.size == 0)
        return error_set(err, -EINVAL, "%s:%d: rule '%.*s': %s", test->file, line,
                         TEXT_ARG(rule->id), what);
    return error_set(err, -EINVAL, "%s:%d: rule '%.*s', %.*s: %s", test->file, line,
                     TEXT_ARG(rule->id), TEXT_ARG(test->name), what);
}

static int compare(const struct correlation *rule, const struct correlation_test *test,
                   const struct alert *const *alerts, size_t count, struct error *err)
{
    AUTO_BUF text = {0};
    bool *is_used = mem_zero(test->alert_count + 1);
    int status = 0;

    for (size_t i = 0; i < count && status == 0; i++) {
        size_t k = 0;

        while (k < test->alert_count &&
               (is_used[k] || !is_wanted(alerts[i], rule, &test->alerts[k])))
            k++;
        if (k < test->alert_count) {
            is_used[k] = true;
            continue;
        }
        buf_add_string(&text, "an alert that is not wanted: ");
        describe(alerts[i], &text);
        status = refuse(rule, test, test->line, err, buf_string(&text));
    }
    for (size_t k = 0; k < test->alert_count && status == 0; k++) {
        if (!is_used[k])
            status = refuse(rule, test, test->alerts[k].line, err, "this alert did not come");
    }
    free(is_used);
    return status;
}

static int run_silence(const struct correlation *rule, const struct correlation_test *test,
                       struct error *err)
{
    AUTO(arena) arena = arena_new(ARENA_BLOCK);
    size_t count;
    const struct alert *all = silence_trial(rule, test, arena, &count);
    const struct alert **alerts = mem_zero((count + 1) * sizeof(*alerts));

    for (size_t i = 0; i < count; i++)
        alerts[i] = &all[i];
    int status = compare(rule, test, alerts, count, err);

    free(alerts);
    return status;
}

int trial_run(const struct correlations *rules, const struct correlation *rule,
              const struct correlation_test *test, struct error *err)
{
    struct windows_settings settings = WINDOWS_DEFAULTS;
    struct alert *all;
    size_t own = 0;

    if (rule->type == CORRELATION_SILENCE)
        return run_silence(rule, test, err);
    settings.only_last = true;
    AUTO(windows) windows = windows_new(rules, &settings);

    feed(windows, test);
    size_t count = windows_take(windows, &all);
    const struct alert **alerts = mem_zero((count + 1) * sizeof(*alerts));

    for (size_t i = 0; i < count; i++) {
        if (text_equal(all[i].rule_id, rule->id))
            alerts[own++] = &all[i];
    }
    int status = compare(rule, test, alerts, own, err);

    free(alerts);
    return status;
}
