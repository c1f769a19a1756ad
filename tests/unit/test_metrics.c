#include "unit.h"

#include <pthread.h>

#include "base/metrics.h"

static void unit_render(struct metrics *metrics, const char *want)
{
    AUTO_BUF out = {0};

    metrics_render(metrics, &out);
    assert_string_equal(buf_string(&out), want);
}

static void the_text_is_what_prometheus_reads(void **state)
{
    AUTO(metrics) metrics = metrics_new();

    (void)state;
    metrics_add(
        metrics_counter(metrics, "a_total", "Lines\nand \\ \"quotes\".", NO_LABEL, NO_LABEL),
        18446744073709551615U);
    metrics_set(metrics_gauge(metrics, "b_seconds", "B.", LABEL("topic", "x\"y\\z\n"),
                              LABEL("partition", "3")),
                0.25);
    metrics_add(metrics_counter(metrics, "c_total", "C.", LABEL("rule", "r1"), NO_LABEL), 1);
    metrics_set(metrics_gauge(metrics, "b_seconds", "B.", LABEL("topic", "é"), NO_LABEL), -3);
    metrics_counter(metrics, "c_total", "C.", LABEL("rule", "r2"), NO_LABEL);
    metrics_set(metrics_gauge(metrics, "d", "D.", NO_LABEL, NO_LABEL), 1.0 / 0.0);

    unit_render(metrics, "# HELP a_total Lines\\nand \\\\ \"quotes\".\n"
                         "# TYPE a_total counter\n"
                         "a_total 18446744073709551615\n"
                         "# HELP b_seconds B.\n"
                         "# TYPE b_seconds gauge\n"
                         "b_seconds{topic=\"x\\\"y\\\\z\\n\",partition=\"3\"} 0.25\n"
                         "b_seconds{topic=\"é\"} -3\n"
                         "# HELP c_total C.\n"
                         "# TYPE c_total counter\n"
                         "c_total{rule=\"r1\"} 1\n"
                         "c_total{rule=\"r2\"} 0\n"
                         "# HELP d D.\n"
                         "# TYPE d gauge\n"
                         "d +Inf\n");
}

static void a_histogram_counts_up_to_each_bound(void **state)
{
    static const double observed[] = {0.0001, 0.00011, 0.6, 61, 0};
    AUTO(metrics) metrics = metrics_new();
    struct histogram *histogram =
        metrics_histogram(metrics, "h_seconds", "H.", LABEL("step", "produce"));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(observed); i++)
        metrics_observe(histogram, observed[i]);
    unit_render(metrics, "# HELP h_seconds H.\n"
                         "# TYPE h_seconds histogram\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.0001\"} 2\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.00025\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.0005\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.001\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.0025\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.005\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.01\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.025\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.05\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.1\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.25\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"0.5\"} 3\n"
                         "h_seconds_bucket{step=\"produce\",le=\"1\"} 4\n"
                         "h_seconds_bucket{step=\"produce\",le=\"2.5\"} 4\n"
                         "h_seconds_bucket{step=\"produce\",le=\"5\"} 4\n"
                         "h_seconds_bucket{step=\"produce\",le=\"10\"} 4\n"
                         "h_seconds_bucket{step=\"produce\",le=\"30\"} 4\n"
                         "h_seconds_bucket{step=\"produce\",le=\"60\"} 4\n"
                         "h_seconds_bucket{step=\"produce\",le=\"+Inf\"} 5\n"
                         "h_seconds_sum{step=\"produce\"} 61.60021\n"
                         "h_seconds_count{step=\"produce\"} 5\n");
}

static void asking_again_gives_the_same_series(void **state)
{
    AUTO(metrics) metrics = metrics_new();
    struct counter *first = metrics_counter(metrics, "a_total", "A.", LABEL("x", "1"), NO_LABEL);

    (void)state;
    assert_ptr_equal(metrics_counter(metrics, "a_total", "A.", LABEL("x", "1"), NO_LABEL), first);
    assert_ptr_not_equal(metrics_counter(metrics, "a_total", "A.", LABEL("x", "2"), NO_LABEL),
                         first);
    assert_ptr_not_equal(metrics_counter(metrics, "a_total", "A.", NO_LABEL, NO_LABEL), first);
    metrics_add(first, 2);
    assert_int_equal(metrics_value(first), 2);
}

static void a_hidden_gauge_comes_back_when_it_is_set(void **state)
{
    AUTO(metrics) metrics = metrics_new();
    struct gauge *gauge = metrics_gauge(metrics, "lag", "L.", NO_LABEL, NO_LABEL);

    (void)state;
    metrics_hide(gauge);
    unit_render(metrics, "");
    metrics_set(gauge, 7);
    unit_render(metrics, "# HELP lag L.\n# TYPE lag gauge\nlag 7\n");
}

enum { THREADS = 4, ROUNDS = 10000 };

static void *busy(void *metrics)
{
    for (int i = 0; i < ROUNDS; i++) {
        metrics_add(metrics_counter(metrics, "a_total", "A.", LABEL("x", "1"), NO_LABEL), 1);
        metrics_observe(metrics_histogram(metrics, "h", "H.", NO_LABEL), 1);
        if (i % 1000 == 0) {
            AUTO_BUF out = {0};

            metrics_render(metrics, &out);
        }
    }
    return NULL;
}

static void threads_lose_no_count(void **state)
{
    AUTO(metrics) metrics = metrics_new();
    AUTO_BUF out = {0};
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, busy, metrics);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    metrics_render(metrics, &out);
    assert_non_null(strstr(buf_string(&out), "a_total{x=\"1\"} 40000\n"));
    assert_non_null(strstr(buf_string(&out), "h_sum 40000\n"));
    assert_non_null(strstr(buf_string(&out), "h_count 40000\n"));
}

UNIT_MAIN(cmocka_unit_test(the_text_is_what_prometheus_reads),
          cmocka_unit_test(a_histogram_counts_up_to_each_bound),
          cmocka_unit_test(asking_again_gives_the_same_series),
          cmocka_unit_test(a_hidden_gauge_comes_back_when_it_is_set),
          cmocka_unit_test(threads_lose_no_count))
