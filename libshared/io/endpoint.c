#include "io/endpoint.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/http_server.h"
#include "io/process_metrics.h"

/* A loop that has not turned for so long hangs: a batch is far quicker, and stalls keep turning. */
enum { STILL_US = 60 * 1000 * 1000 };

struct pulse {
    struct pulse *next;
    char *name;
    _Atomic int64_t beat_us;
};

struct endpoint {
    struct http_server *server;
    struct metrics *metrics;
    struct conditions *conditions;
    struct gauge *ready;
    pthread_mutex_t lock; /* of the list of pulses */
    struct pulse *pulses;
};

static int show_health(void *context, struct buf *out, const char **content_type)
{
    struct endpoint *endpoint = context;
    int64_t now_us = clock_monotonic_us();

    (void)content_type;
    pthread_mutex_lock(&endpoint->lock);
    for (const struct pulse *pulse = endpoint->pulses; pulse; pulse = pulse->next) {
        int64_t age_us = now_us - atomic_load(&pulse->beat_us);

        if (age_us >= STILL_US)
            buf_addf(out, "the loop of %s has stood still for %lld s\n", pulse->name,
                     (long long)age_us / 1000000);
    }
    pthread_mutex_unlock(&endpoint->lock);
    if (out->size > 0)
        return 503;
    buf_add_string(out, "ok\n");
    return 200;
}

static int show_readiness(void *context, struct buf *out, const char **content_type)
{
    struct endpoint *endpoint = context;

    *content_type = "application/json";
    conditions_render(endpoint->conditions, out);
    return conditions_all_well(endpoint->conditions) ? 200 : 503;
}

static int show_metrics(void *context, struct buf *out, const char **content_type)
{
    struct endpoint *endpoint = context;

    *content_type = "text/plain; version=0.0.4; charset=utf-8";
    metrics_set(endpoint->ready, conditions_all_well(endpoint->conditions));
    metrics_render(endpoint->metrics, out);
    process_metrics_render(out);
    return 200;
}

static const struct http_server_route routes[] = {
    {"/healthz", show_health},
    {"/readyz", show_readiness},
    {"/metrics", show_metrics},
    {NULL, NULL},
};

struct endpoint *endpoint_open(const char *address, int port, const char *service,
                               struct metrics *metrics, struct conditions *conditions,
                               struct error *err)
{
    struct endpoint *endpoint = mem_zero(sizeof(*endpoint));
    char name[96];

    snprintf(name, sizeof(name), "haechi_%s_ready", service);
    endpoint->metrics = metrics;
    endpoint->conditions = conditions;
    endpoint->ready = metrics_gauge(metrics, name, "1 while /readyz says 200.", NO_LABEL, NO_LABEL);
    pthread_mutex_init(&endpoint->lock, NULL);
    endpoint->server = http_server_start(address, port, routes, endpoint, err);
    if (!endpoint->server) {
        error_prefix(err, "%s.metrics", service);
        pthread_mutex_destroy(&endpoint->lock);
        free(endpoint);
        return NULL;
    }
    return endpoint;
}

void endpoint_close(struct endpoint *endpoint)
{
    if (!endpoint)
        return;
    http_server_stop(endpoint->server);
    for (struct pulse *pulse = endpoint->pulses, *next; pulse; pulse = next) {
        next = pulse->next;
        free(pulse->name);
        free(pulse);
    }
    pthread_mutex_destroy(&endpoint->lock);
    free(endpoint);
}

int endpoint_port(const struct endpoint *endpoint)
{
    return http_server_port(endpoint->server);
}

struct pulse *endpoint_pulse(struct endpoint *endpoint, const char *name)
{
    struct pulse *pulse = mem_zero(sizeof(*pulse));

    pulse->name = mem_copy_text(name);
    endpoint_beat(pulse);
    pthread_mutex_lock(&endpoint->lock);
    pulse->next = endpoint->pulses;
    endpoint->pulses = pulse;
    pthread_mutex_unlock(&endpoint->lock);
    return pulse;
}

void endpoint_beat(struct pulse *pulse)
{
    atomic_store(&pulse->beat_us, clock_monotonic_us());
}
