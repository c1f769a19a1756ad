#include "forwarder/outside/dispatch.h"

#include <time.h>

void dispatch_init(struct dispatch *dispatch)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&dispatch->news, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&dispatch->lock, NULL);
    atomic_init(&dispatch->is_over, false);
}

void dispatch_done(struct dispatch *dispatch)
{
    edition_release(dispatch->edition);
    pthread_cond_destroy(&dispatch->news);
    pthread_mutex_destroy(&dispatch->lock);
}

void dispatch_wait(struct dispatch *dispatch, int64_t us)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += us / 1000000;
    until.tv_nsec += us % 1000000 * 1000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&dispatch->news, &dispatch->lock, &until);
}
