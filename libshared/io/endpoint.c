#include "io/endpoint.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/http_server.h"
#include "io/process_metrics.h"

/* A loop that has not turned for so long hangs: a batch is far quicker, and stalls keep turning. */
enum { STILL_US = 60 * 1000 * 1000 };

struct endpoint {
    struct http_server *server;
    struct metrics *metrics;
    struct conditions *conditions;
    struct gauge *ready;
    _Atomic int64_t beat_us;
};

static int show_health(void *context, struct buf *out, const char **content_type)
{
    struct endpoint *endpoint = context;
    int64_t age_us = clock_monotonic_us() - atomic_load(&endpoint->beat_us);

    (void)content_type;
    if (age_us < STILL_US) {
        buf_add_string(out, "ok\n");
        return 200;
    }
    buf_addf(out, "the worker's loop has stood still for %lld s\n", (long long)age_us / 1000000);
    return 503;
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
    endpoint_beat(endpoint);
    endpoint->server = http_server_start(address, port, routes, endpoint, err);
    if (!endpoint->server) {
        error_prefix(err, "%s.metrics", service);
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
    free(endpoint);
}

int endpoint_port(const struct endpoint *endpoint)
{
    return http_server_port(endpoint->server);
}

void endpoint_beat(struct endpoint *endpoint)
{
    atomic_store(&endpoint->beat_us, clock_monotonic_us());
}
