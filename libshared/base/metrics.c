#include "base/metrics.h"

#include <assert.h>
#include <glib.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/number.h"

static const double bounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30,    60};
enum { BOUND_COUNT = sizeof(bounds) / sizeof(bounds[0]) };

enum kind { COUNTER, GAUGE, HISTOGRAM };

struct counter {
    _Atomic uint64_t value;
};

struct gauge {
    _Atomic double value;
    atomic_bool hidden;
};

struct histogram {
    _Atomic uint64_t buckets[BOUND_COUNT + 1]; /* the last: above all bounds; not cumulative */
    _Atomic double sum;
};

struct series {
    struct series *next;
    char *labels; /* as rendered, without braces; owned */
    union {
        struct counter counter;
        struct gauge gauge;
        struct histogram histogram;
    };
};

struct family {
    struct family *next;
    enum kind kind;
    char *name;
    char *help;
    struct series *first, **last; /* in the order they were asked for */
};

struct metrics {
    pthread_mutex_t lock; /* of the structure, not of the values */
    struct family *first, **last;
    GHashTable *families; /* name -> family */
    GHashTable *series;   /* name{labels} -> series; thousands of rules have one each */
};

static void write_escaped(const char *text, bool quotes, struct buf *out)
{
    for (; *text; text++) {
        if (*text == '\n')
            buf_add(out, TEXT("\\n"));
        else if (*text == '\\' || (quotes && *text == '"'))
            buf_addf(out, "\\%c", *text);
        else
            buf_add_byte(out, *text);
    }
}

static void write_label(struct metric_label label, struct buf *out)
{
    if (!label.name)
        return;
    if (out->size > 0)
        buf_add_byte(out, ',');
    buf_addf(out, "%s=\"", label.name);
    write_escaped(label.value, true, out);
    buf_add_byte(out, '"');
}

static struct family *find_family(struct metrics *metrics, enum kind kind, const char *name,
                                  const char *help)
{
    struct family *family = g_hash_table_lookup(metrics->families, name);

    if (!family) {
        family = mem_zero(sizeof(*family));
        family->kind = kind;
        family->name = mem_copy_text(name);
        family->help = mem_copy_text(help);
        family->last = &family->first;
        *metrics->last = family;
        metrics->last = &family->next;
        g_hash_table_insert(metrics->families, family->name, family);
    }
    assert(family->kind == kind);
    return family;
}

static struct series *add_series(struct family *family, const char *labels)
{
    struct series *series = mem_zero(sizeof(*series));

    series->labels = mem_copy_text(labels);
    *family->last = series;
    family->last = &series->next;
    return series;
}

static struct series *find_series(struct metrics *metrics, enum kind kind, const char *name,
                                  const char *help, struct metric_label label,
                                  struct metric_label second)
{
    AUTO_BUF labels = {0};
    AUTO_BUF key = {0};

    write_label(label, &labels);
    write_label(second, &labels);
    buf_addf(&key, "%s{%s}", name, buf_string(&labels));

    pthread_mutex_lock(&metrics->lock);
    struct family *family = find_family(metrics, kind, name, help);
    struct series *series = g_hash_table_lookup(metrics->series, buf_string(&key));

    if (!series) {
        series = add_series(family, buf_string(&labels));
        g_hash_table_insert(metrics->series, mem_copy_text(buf_string(&key)), series);
    }
    pthread_mutex_unlock(&metrics->lock);
    return series;
}

/* "name_suffix{labels,le="bound"} ", each part only where there is one. */
static void write_name(const struct family *family, const struct series *series, const char *suffix,
                       const char *bound, struct buf *out)
{
    buf_add_string(out, family->name);
    buf_add_string(out, suffix);
    if (*series->labels || bound) {
        buf_add_byte(out, '{');
        buf_add_string(out, series->labels);
        if (bound)
            buf_addf(out, "%sle=\"%s\"", *series->labels ? "," : "", bound);
        buf_add_byte(out, '}');
    }
    buf_add_byte(out, ' ');
}

static void write_number(double value, struct buf *out)
{
    if (isnan(value))
        buf_add(out, TEXT("NaN"));
    else if (isinf(value))
        buf_add_string(out, value > 0 ? "+Inf" : "-Inf");
    else
        number_write_double(value, out);
    buf_add_byte(out, '\n');
}

static void write_histogram(const struct family *family, const struct series *series,
                            struct buf *out)
{
    const struct histogram *histogram = &series->histogram;
    uint64_t count = 0;

    for (size_t i = 0; i <= BOUND_COUNT; i++) {
        AUTO_BUF bound = {0};

        if (i < BOUND_COUNT)
            number_write_double(bounds[i], &bound);
        else
            buf_add(&bound, TEXT("+Inf"));
        count += atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
        write_name(family, series, "_bucket", buf_string(&bound), out);
        buf_addf(out, "%" PRIu64 "\n", count);
    }
    write_name(family, series, "_sum", NULL, out);
    write_number(atomic_load_explicit(&histogram->sum, memory_order_relaxed), out);
    write_name(family, series, "_count", NULL, out);
    buf_addf(out, "%" PRIu64 "\n", count);
}

static bool is_hidden(const struct family *family, const struct series *series)
{
    return family->kind == GAUGE &&
           atomic_load_explicit(&series->gauge.hidden, memory_order_relaxed);
}

static void write_series(const struct family *family, const struct series *series, struct buf *out)
{
    if (is_hidden(family, series))
        return;

    switch (family->kind) {
    case COUNTER:
        write_name(family, series, "", NULL, out);
        buf_addf(out, "%" PRIu64 "\n", metrics_value(&series->counter));
        break;
    case GAUGE:
        write_name(family, series, "", NULL, out);
        write_number(metrics_read(&series->gauge), out);
        break;
    case HISTOGRAM:
        write_histogram(family, series, out);
        break;
    }
}

static void write_family(const struct family *family, struct buf *out)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    const struct series *shown = family->first;

    while (shown && is_hidden(family, shown))
        shown = shown->next;
    if (!shown)
        return;
    buf_addf(out, "# HELP %s ", family->name);
    write_escaped(family->help, false, out);
    buf_addf(out, "\n# TYPE %s %s\n", family->name, kinds[family->kind]);
    for (; shown; shown = shown->next)
        write_series(family, shown, out);
}

struct metrics *metrics_new(void)
{
    struct metrics *metrics = mem_zero(sizeof(*metrics));

    pthread_mutex_init(&metrics->lock, NULL);
    metrics->last = &metrics->first;
    metrics->families = g_hash_table_new(g_str_hash, g_str_equal);
    metrics->series = g_hash_table_new_full(g_str_hash, g_str_equal, free, NULL);
    return metrics;
}

static void family_free(struct family *family)
{
    for (struct series *series = family->first, *next; series; series = next) {
        next = series->next;
        free(series->labels);
        free(series);
    }
    free(family->name);
    free(family->help);
    free(family);
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    g_hash_table_destroy(metrics->series);
    g_hash_table_destroy(metrics->families);
    for (struct family *family = metrics->first, *next; family; family = next) {
        next = family->next;
        family_free(family);
    }
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

struct counter *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                                struct metric_label label, struct metric_label second)
{
    return &find_series(metrics, COUNTER, name, help, label, second)->counter;
}

struct gauge *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                            struct metric_label label, struct metric_label second)
{
    return &find_series(metrics, GAUGE, name, help, label, second)->gauge;
}

struct histogram *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                    struct metric_label label)
{
    return &find_series(metrics, HISTOGRAM, name, help, label, NO_LABEL)->histogram;
}

void metrics_add(struct counter *counter, uint64_t more)
{
    atomic_fetch_add_explicit(&counter->value, more, memory_order_relaxed);
}

uint64_t metrics_value(const struct counter *counter)
{
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

void metrics_set(struct gauge *gauge, double value)
{
    atomic_store_explicit(&gauge->value, value, memory_order_relaxed);
    atomic_store_explicit(&gauge->hidden, false, memory_order_relaxed);
}

double metrics_read(const struct gauge *gauge)
{
    return atomic_load_explicit(&gauge->value, memory_order_relaxed);
}

void metrics_hide(struct gauge *gauge)
{
    atomic_store_explicit(&gauge->hidden, true, memory_order_relaxed);
}

void metrics_observe(struct histogram *histogram, double seconds)
{
    double sum = atomic_load_explicit(&histogram->sum, memory_order_relaxed);
    size_t i = 0;

    while (i < BOUND_COUNT && seconds > bounds[i])
        i++;
    atomic_fetch_add_explicit(&histogram->buckets[i], 1, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&histogram->sum, &sum, sum + seconds,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

void metrics_render(struct metrics *metrics, struct buf *out)
{
    pthread_mutex_lock(&metrics->lock);
    for (const struct family *family = metrics->first; family; family = family->next)
        write_family(family, out);
    pthread_mutex_unlock(&metrics->lock);
}
