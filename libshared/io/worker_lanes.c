/* worker_lanes: a worker that is several at once, each with a thread of its own. */
#include "io/worker_parts.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#include "io/log.h"

enum { ARENA_BLOCK = 128 << 10 };

struct lane {
    struct worker worker;
    struct conditions *conditions;
    struct arena *arena;
    struct buf group; /* the default */
    pthread_t thread;
};

static void *run_lane(void *self)
{
    struct worker *worker = self;

    worker->status = worker_run(worker);
    return NULL;
}

static int open_lane(struct lane *lane, const struct worker *process,
                     const struct worker_lane *named, struct error *err)
{
    AUTO_BUF pulse = {0};

    buf_addf(&pulse, "%s %s", process->ops->lane_word, named->name);
    lane->conditions = conditions_part(process->conditions, named->name);
    lane->arena = arena_new(ARENA_BLOCK);
    lane->worker = *process;
    lane->worker.lane = named->name;
    lane->worker.pulse = endpoint_pulse(process->endpoint, buf_string(&pulse));
    buf_addf(&lane->group, "%s-%s", process->config->own.group, named->name);
    lane->worker.group = named->group ? named->group : buf_string(&lane->group);
    lane->worker.start_at = (enum group_start)named->start_at;
    lane->worker.gather = named->gather;
    lane->worker.conditions = lane->conditions;
    lane->worker.arena = lane->arena;
    ledger_init_lane(&lane->worker.ledger, process->metrics, process->ops->name,
                     LABEL(process->ops->lane_word, named->name));
    return worker_open_all(&lane->worker, err);
}

static void close_lane(struct lane *lane)
{
    if (lane->conditions)
        worker_close_all(&lane->worker);
    conditions_free(lane->conditions);
    buf_done(&lane->group);
    arena_free(lane->arena);
}

/* All of them or none: one that stood still would be missed by nobody. */
static int run_lanes(struct lane *lanes, size_t count)
{
    int status = 0, problem = 0;
    size_t started = 0;

    while (started < count && problem == 0) {
        problem = pthread_create(&lanes[started].thread, NULL, run_lane, &lanes[started].worker);
        started += problem == 0;
    }
    if (problem != 0) {
        log_error("failed", LOG_TEXT("error", strerror(problem)),
                  LOG_TEXT("without_thread", lanes[started].worker.lane));
        lifecycle_stop(lanes[0].worker.lifecycle);
        status = 1;
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(lanes[i].thread, NULL);
        status |= lanes[i].worker.status;
    }
    return status;
}

/* Those to run: all, or the one that was asked for, which is there (worker_config.c). */
static size_t choose_lanes(const struct worker *worker, struct worker_lane *named, size_t count)
{
    const char *only = worker->config->lane;

    for (size_t i = 0; only && i < count; i++) {
        if (strcmp(named[i].name, only) == 0) {
            named[0] = named[i];
            return 1;
        }
    }
    return count;
}

/* glibc gives each of many threads a heap of its own, and keeps what is freed: with some hundred
 * threads, most of which wait, that is several times what is in use. Large blocks, as those that
 * librdkafka unpacks into, go back at once. */
static void be_thrifty(void)
{
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

int worker_live_in_lanes(struct worker *worker, int64_t begin_us, struct error *err)
{
    size_t count = worker->ops->lanes(worker->config->service, NULL);
    struct worker_lane *named = mem_zero((count + 1) * sizeof(*named));

    be_thrifty();
    worker->ops->lanes(worker->config->service, named);
    count = choose_lanes(worker, named, count);
    struct lane *lanes = mem_zero((count + 1) * sizeof(*lanes));
    int status = 0;

    for (size_t i = 0; i < count && status == 0; i++)
        status = open_lane(&lanes[i], worker, &named[i], err);
    if (status == 0) {
        worker->group = lanes[0].worker.group;
        worker_show_start(worker, begin_us);
        status = run_lanes(lanes, count);
    }
    for (size_t i = 0; i < count; i++)
        close_lane(&lanes[i]);
    free(lanes);
    free(named);
    return status;
}
