#include "io/lifecycle.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/clock.h"
#include "io/log.h"

struct lifecycle {
    pthread_t thread;
    int64_t timeout_us;
    atomic_bool is_stopping, is_reload_due, is_over;
    _Atomic int64_t deadline_us;
};

/* SIGUSR1 only wakes the thread, when lifecycle_end() or lifecycle_stop() has something for it. */
static void fill(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGHUP);
    sigaddset(signals, SIGUSR1);
}

static void begin_stop(struct lifecycle *lifecycle)
{
    if (atomic_load(&lifecycle->is_stopping))
        return;
    atomic_store(&lifecycle->deadline_us, clock_monotonic_us() + lifecycle->timeout_us);
    atomic_store(&lifecycle->is_stopping, true);
}

static void end_now(const char *why)
{
    log_error(
        "ended_at_once", LOG_TEXT("reason", why),
        LOG_TEXT("consequence", "nothing is lost: what was not acknowledged will be read again"));
    _exit(1);
}

/* 0 at the deadline or when nothing came for a while. */
static int next_signal(const struct lifecycle *lifecycle, const sigset_t *signals)
{
    struct timespec wait = {.tv_sec = 3600};

    if (atomic_load(&lifecycle->is_stopping)) {
        int64_t left_us = atomic_load(&lifecycle->deadline_us) - clock_monotonic_us();

        if (left_us <= 0)
            return 0;
        wait.tv_sec = left_us / 1000000;
        wait.tv_nsec = left_us % 1000000 * 1000;
    }
    int number = sigtimedwait(signals, NULL, &wait);

    return number > 0 ? number : 0;
}

static void *watch(void *argument)
{
    struct lifecycle *lifecycle = argument;
    sigset_t signals;

    fill(&signals);
    while (!atomic_load(&lifecycle->is_over)) {
        int number = next_signal(lifecycle, &signals);

        if (number == SIGHUP) {
            atomic_store(&lifecycle->is_reload_due, true);
        } else if (number == SIGTERM || number == SIGINT) {
            if (atomic_load(&lifecycle->is_stopping))
                end_now("a second signal to stop");
            log_info("stopping", LOG_TEXT("reason", number == SIGTERM ? "SIGTERM" : "SIGINT"));
            begin_stop(lifecycle);
        } else if (atomic_load(&lifecycle->is_stopping) && !atomic_load(&lifecycle->is_over) &&
                   clock_monotonic_us() >= atomic_load(&lifecycle->deadline_us)) {
            end_now("shutdown.timeout is over");
        }
    }
    return NULL;
}

struct lifecycle *lifecycle_start(int64_t shutdown_timeout_ms)
{
    struct lifecycle *lifecycle = mem_zero(sizeof(*lifecycle));
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t signals;

    lifecycle->timeout_us = shutdown_timeout_ms * 1000;
    sigaction(SIGPIPE, &ignore, NULL);
    fill(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (pthread_create(&lifecycle->thread, NULL, watch, lifecycle) != 0)
        abort(); /* no threads, no worker */
    return lifecycle;
}

void lifecycle_end(struct lifecycle *lifecycle)
{
    if (!lifecycle)
        return;
    atomic_store(&lifecycle->is_over, true);
    pthread_kill(lifecycle->thread, SIGUSR1);
    pthread_join(lifecycle->thread, NULL);
    free(lifecycle);
}

bool lifecycle_is_stopping(const struct lifecycle *lifecycle)
{
    return atomic_load(&lifecycle->is_stopping);
}

int64_t lifecycle_deadline_us(const struct lifecycle *lifecycle)
{
    return atomic_load(&lifecycle->deadline_us);
}

bool lifecycle_take_reload(struct lifecycle *lifecycle)
{
    return atomic_exchange(&lifecycle->is_reload_due, false);
}

void lifecycle_stop(struct lifecycle *lifecycle)
{
    begin_stop(lifecycle);
    pthread_kill(lifecycle->thread, SIGUSR1); /* it has to look at the deadline */
}
