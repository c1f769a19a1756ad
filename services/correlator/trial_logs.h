/* trial_logs: the logs in a test of an `expect:` rule, and how trials read when things come. */
#pragma once

#include "correlator/reading.h"

/* `at`, `repeat` and `every` of a thing that a test has: @times times, from @at_ms on. */
struct trial_times {
    int64_t at_ms, every_ms, times;
};

/* @what is what the thing is called: "an event of a test". */
int trial_times_read(const struct reading *reading, const struct node *node, const char *what,
                     struct trial_times *times, struct error *err);
/* Things of a test, and of all tests so far, are not too many. */
int trial_times_count(const struct reading *reading, const struct node *node,
                      const struct trial_times *times, size_t *total, struct error *err);

/* Reads `logs:` and `until:` of a test of @rule, which expects logs. */
int trial_logs_read(const struct reading *reading, const struct node *test_node,
                    const struct correlation *rule, struct correlation_test *test,
                    struct error *err);
