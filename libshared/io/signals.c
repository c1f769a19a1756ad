#include "io/signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/log.h"

struct signals {
    pthread_t thread;
    sigset_t taken;
    int64_t timeout_ms;
    atomic_bool want_end;
    atomic_bool want_reload;
    atomic_bool is_over;
};

static void end_now(const char *why)
{
    log_error("shutdown_cut_short", LOG_TEXT("reason", why),
              LOG_TEXT("consequence", "what was not acknowledged is read again"));
    _exit(1);
}

static void *take(void *argument)
{
    struct signals *signals = argument;

    for (;;) {
        const struct timespec limit = {signals->timeout_ms / 1000,
                                       signals->timeout_ms % 1000 * 1000000};
        bool is_ending = signals->want_end;
        int signal = is_ending ? sigtimedwait(&signals->taken, NULL, &limit)
                               : sigwaitinfo(&signals->taken, NULL);

        if (signals->is_over)
            return NULL;
        if (signal == SIGHUP)
            signals->want_reload = true;
        else if (is_ending && (signal > 0 || errno == EAGAIN))
            end_now(signal > 0 ? "asked a second time" : "shutdown.timeout is over");
        else if (signal > 0)
            signals->want_end = true;
    }
}

struct signals *signals_start(int64_t shutdown_timeout_ms)
{
    struct signals *signals = mem_zero(sizeof(*signals));

    signals->timeout_ms = shutdown_timeout_ms;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals->taken);
    sigaddset(&signals->taken, SIGTERM);
    sigaddset(&signals->taken, SIGINT);
    sigaddset(&signals->taken, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals->taken, NULL);
    pthread_create(&signals->thread, NULL, take, signals);
    return signals;
}

bool signals_want_end(const struct signals *signals)
{
    return signals->want_end;
}

bool signals_want_reload(struct signals *signals)
{
    return atomic_exchange(&signals->want_reload, false);
}

void signals_stop(struct signals *signals)
{
    signals->is_over = true;
    pthread_kill(signals->thread, SIGTERM);
    pthread_join(signals->thread, NULL);
    free(signals);
}
