#include "io/daemon.h"

#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/conditions.h"
#include "io/endpoint.h"
#include "io/lifecycle.h"
#include "io/log.h"
#include "io/worker_config.h"

struct daemon {
    const struct daemon_ops *ops;
    const struct worker_config *config;
    struct metrics *metrics;
    struct conditions *conditions;
    struct lifecycle *lifecycle;
    struct endpoint *endpoint;
    struct pulse *pulse;
    void *service;
};

static void reload(struct daemon *daemon)
{
    struct error err = {0};

    if (!lifecycle_take_reload(daemon->lifecycle) || !daemon->ops->reload)
        return;
    if (daemon->ops->reload(daemon->service, &err) < 0)
        log_error("reload_failed", LOG_TEXT("error", err.text),
                  LOG_TEXT("consequence", "what was loaded before stays in force"));
    else
        log_info("reloaded");
}

static int run(struct daemon *daemon)
{
    struct error err = {0};

    while (!lifecycle_is_stopping(daemon->lifecycle)) {
        endpoint_beat(daemon->pulse);
        reload(daemon);
        if (daemon->ops->turn(daemon->service, &err) < 0) {
            log_error("failed", LOG_TEXT("error", err.text));
            lifecycle_stop(daemon->lifecycle);
            return 1;
        }
    }
    return 0;
}

static int open_all(struct daemon *daemon, struct error *err)
{
    const struct worker_settings *own = &daemon->config->own;

    /* The endpoint answers before the service is there to say what it still lacks. */
    daemon_condition(daemon, "start", "not begun yet");
    daemon->endpoint = endpoint_open(own->metrics_address, (int)own->metrics_port,
                                     daemon->ops->name, daemon->metrics, daemon->conditions, err);
    if (!daemon->endpoint)
        return 1;
    daemon->pulse = endpoint_pulse(daemon->endpoint, daemon->ops->name);
    daemon->service = daemon->ops->open(daemon, daemon->config->service, err);
    if (!daemon->service)
        return err->class == ERROR_CONFIG ? 2 : 1;
    daemon_condition(daemon, "start", NULL);
    return 0;
}

static void show_start(struct daemon *daemon, int64_t begin_us)
{
    char name[96];

    snprintf(name, sizeof(name), "haechi_%s_build_info", daemon->ops->name);
    metrics_set(metrics_gauge(daemon->metrics, name, "Always 1; what is running is in the label.",
                              LABEL("version", HAECHI_VERSION), NO_LABEL),
                1);
    log_info("started", LOG_TEXT("version", HAECHI_VERSION),
             LOG_TEXT("brokers", daemon->config->shared.kafka.bootstrap_servers),
             LOG_INT("port", endpoint_port(daemon->endpoint)),
             LOG_NUMBER("seconds", (double)(clock_monotonic_us() - begin_us) / 1e6));
}

static int live(struct daemon *daemon, int64_t begin_us)
{
    struct error err = {0};
    int status = open_all(daemon, &err);

    if (status != 0) {
        worker_config_complain(daemon->config, err.text);
    } else {
        show_start(daemon, begin_us);
        status = run(daemon);
    }
    if (daemon->service)
        daemon->ops->close(daemon->service);
    endpoint_close(daemon->endpoint);
    if (lifecycle_is_stopping(daemon->lifecycle))
        log_info("stopped");
    return status;
}

int daemon_main(int argc, char **argv, const struct daemon_ops *ops)
{
    /* What the settings and the command line need to know of a service. */
    const struct worker_ops named = {.name = ops->name,
                                     .summary = ops->summary,
                                     .settings = ops->settings,
                                     .config_size = ops->config_size,
                                     .default_port = ops->default_port,
                                     .check = ops->check,
                                     .reloads = ops->reloads};
    int64_t begin_us = clock_monotonic_us();
    struct worker_config config;
    int status;

    if (worker_config_init(&config, argc, argv, &named, &status)) {
        AUTO(metrics) metrics = metrics_new();
        AUTO(conditions) conditions = conditions_new();
        struct daemon daemon = {
            .ops = ops, .config = &config, .metrics = metrics, .conditions = conditions};

        log_start(ops->name, (enum log_level)config.own.log_level);
        daemon.lifecycle = lifecycle_start(config.own.shutdown_timeout_ms);
        status = live(&daemon, begin_us);
        lifecycle_end(daemon.lifecycle);
    }
    worker_config_done(&config);
    return status;
}

struct settings *daemon_settings_again(const struct daemon *daemon, void *service,
                                       struct error *err)
{
    return worker_config_again(daemon->config, service, err);
}

struct metrics *daemon_metrics(struct daemon *daemon)
{
    return daemon->metrics;
}

const struct shared_settings *daemon_shared(const struct daemon *daemon)
{
    return &daemon->config->shared;
}

void daemon_condition(struct daemon *daemon, const char *name, const char *problem)
{
    conditions_set(daemon->conditions, name, problem);
}
