#include "correlator/silence_trial.h"

#include <stdlib.h>

#include "base/watch.h"

struct trial {
    const struct correlation *rule;
    struct arena *arena;
    struct alert *alerts;
    size_t count;
};

/* One of the values: nobody has seen a log of it before the test begins. */
struct watched {
    size_t value;
    int64_t seen_ms;
    struct silence_record record;
};

/* What is known at @now_ms, and the alert that comes of it. Kafka has it at once. */
static void step(struct trial *trial, struct watched *watched, int64_t now_ms)
{
    const struct silence_facts facts = {.seen_ms = watched->seen_ms,
                                        .until_ms = now_ms,
                                        .since_ms = CORRELATION_TEST_START,
                                        .now_ms = now_ms};
    struct silence_case of = {
        .rule = trial->rule, .value = trial->rule->expect.values[watched->value], .now_ms = now_ms};

    if (!silence_step(&watched->record, &facts, trial->rule->expect.within_ms, 0, &of.record))
        return;
    if (of.record.phase == SILENCE_OPENING)
        trial->count++;
    silence_alert(&of, trial->arena, &trial->alerts[trial->count - 1]);
    watched->record = silence_confirmed(&of.record);
}

static int by_time(const void *a, const void *b)
{
    const struct correlation_log *x = a, *y = b;

    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static void watch(struct trial *trial, size_t value, const struct correlation_test *test,
                  const struct correlation_log *logs)
{
    struct watched watched = {.value = value, .seen_ms = CORRELATION_TEST_START};

    for (size_t i = 0; i < test->log_count && logs[i].at_ms <= test->until_ms; i++) {
        if (logs[i].value != value)
            continue;
        int64_t at_ms = CORRELATION_TEST_START + logs[i].at_ms;

        step(trial, &watched, at_ms);
        watched.seen_ms = at_ms;
        step(trial, &watched, at_ms);
    }
    step(trial, &watched, CORRELATION_TEST_START + test->until_ms);
}

const struct alert *silence_trial(const struct correlation *rule,
                                  const struct correlation_test *test, struct arena *arena,
                                  size_t *count)
{
    /* A silence ends with a log, or with the test. */
    size_t most = test->log_count + rule->expect.count;
    struct trial trial = {rule, arena, arena_take(arena, most * sizeof(struct alert)), 0};
    size_t size = test->log_count * sizeof(*test->logs);
    struct correlation_log *logs = arena_take(arena, size + 1);

    if (size > 0)
        memcpy(logs, test->logs, size);
    qsort(logs, test->log_count, sizeof(*logs), by_time);
    for (size_t i = 0; i < rule->expect.count; i++)
        watch(&trial, i, test, logs);
    *count = trial.count;
    return trial.alerts;
}
