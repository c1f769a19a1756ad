#include "io/worker_parts.h"

#include "io/clock.h"
#include "io/log.h"

enum { ARENA_BLOCK = 1 << 20 };

/* A worker without lanes. */
static int live_alone(struct worker *worker, int64_t begin_us, struct error *err)
{
    AUTO(arena) arena = arena_new(ARENA_BLOCK);
    int status;

    worker->arena = arena;
    worker->pulse = endpoint_pulse(worker->endpoint, worker->ops->name);
    worker->group = worker->config->own.group;
    worker->start_at = (enum group_start)worker->config->own.start_at;
    ledger_init(&worker->ledger, worker->metrics, worker->ops->name);
    status = worker_open_all(worker, err);
    if (status == 0) {
        worker_show_start(worker, begin_us);
        status = worker_run(worker);
    }
    worker_close_all(worker);
    return status;
}

static int live(struct worker *worker, int64_t begin_us)
{
    const struct worker_settings *own = &worker->config->own;
    struct error err = {0};
    int status = 1;

    /* The endpoint answers before services and consumers are there to say what they still lack. */
    conditions_set(worker->conditions, "start", "not begun yet");
    worker->endpoint = endpoint_open(own->metrics_address, (int)own->metrics_port,
                                     worker->ops->name, worker->metrics, worker->conditions, &err);
    if (worker->endpoint)
        status = worker->ops->lanes ? worker_live_in_lanes(worker, begin_us, &err)
                                    : live_alone(worker, begin_us, &err);
    if (err.text[0])
        worker_config_complain(worker->config, err.text);
    endpoint_close(worker->endpoint);
    if (lifecycle_is_stopping(worker->lifecycle))
        log_info("stopped");
    return status;
}

int worker_main(int argc, char **argv, const struct worker_ops *ops)
{
    int64_t begin_us = clock_monotonic_us();
    struct worker_config config;
    int status;

    if (worker_config_init(&config, argc, argv, ops, &status)) {
        AUTO(metrics) metrics = metrics_new();
        AUTO(conditions) conditions = conditions_new();
        struct worker worker = {
            .config = &config, .ops = ops, .metrics = metrics, .conditions = conditions};

        log_start(ops->name, (enum log_level)config.own.log_level);
        worker.lifecycle = lifecycle_start(config.own.shutdown_timeout_ms);
        status = live(&worker, begin_us);
        lifecycle_end(worker.lifecycle);
    }
    worker_config_done(&config);
    return status;
}
