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

/* Which alert stands for which expectation. */
struct matching {
    const struct correlation *rule;
    const struct correlation_test *test;
    const struct alert *const *alerts;
    size_t *owners; /* of each expectation, the alert's place; SIZE_MAX: none yet */
    bool *is_tried;
};

/* Finds an expectation for alert @i, for which others may have to take another one (Kuhn's way): so
 * the order of neither counts. */
static bool match(struct matching *matching, size_t i)
{
    const struct correlation_test *test = matching->test;

    for (size_t k = 0; k < test->alert_count; k++) {
        if (matching->is_tried[k] ||
            !is_wanted(matching->alerts[i], matching->rule, &test->alerts[k]))
            continue;
        matching->is_tried[k] = true;
        if (matching->owners[k] == SIZE_MAX || match(matching, matching->owners[k])) {
            matching->owners[k] = i;
            return true;
        }
    }
    return false;
}

static int match_all(struct matching *matching, size_t count, struct error *err)
{
    const struct correlation_test *test = matching->test;

    for (size_t i = 0; i < count; i++) {
        AUTO_BUF text = {0};

        memset(matching->is_tried, 0, test->alert_count);
        if (match(matching, i))
            continue;
        buf_add_string(&text, "an alert that is not wanted: ");
        describe(matching->alerts[i], &text);
        return refuse(matching->rule, test, test->line, err, buf_string(&text));
    }
    for (size_t k = 0; k < test->alert_count; k++) {
        if (matching->owners[k] == SIZE_MAX)
            return refuse(matching->rule, test, test->alerts[k].line, err,
                          "this alert did not come");
    }
    return 0;
}

static int compare(const struct correlation *rule, const struct correlation_test *test,
                   const struct alert *const *alerts, size_t count, struct error *err)
{
    size_t size = (test->alert_count + 1) * sizeof(size_t);
    struct matching matching = {rule, test, alerts, mem_zero(size),
                                mem_zero(test->alert_count + 1)};

    memset(matching.owners, 0xff, size);
    int status = match_all(&matching, count, err);

    free(matching.owners);
    free(matching.is_tried);
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
