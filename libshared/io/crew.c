#include "io/crew.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/* What is to be done; members take a slice after the other. */
struct job {
    crew_work *work;
    void *self;
    size_t count, slice;
    _Atomic size_t next; /* item that nobody has taken */
};

struct helper {
    struct crew *crew;
    size_t member;
    pthread_t thread;
};

struct crew {
    struct helper *helpers;
    size_t helper_count;
    pthread_mutex_t lock;
    pthread_cond_t begun, left;
    struct job job;
    /* Under the lock: */
    size_t turn;   /* of jobs; each helper takes part in one once */
    bool is_open;  /* the job has slices, as far as is known: who comes later has missed it */
    size_t inside; /* helpers that are at it */
    bool is_over;
};

static void take_slices(struct job *job, size_t member)
{
    size_t begin;

    while ((begin = atomic_fetch_add(&job->next, job->slice)) < job->count) {
        size_t left = job->count - begin;

        job->work(job->self, member, begin, begin + (left < job->slice ? left : job->slice));
    }
}

/* False: the crew is dismissed. With the lock. */
static bool wait_for_job(struct crew *crew, size_t *turn)
{
    while (!crew->is_over && (!crew->is_open || crew->turn == *turn))
        pthread_cond_wait(&crew->begun, &crew->lock);
    *turn = crew->turn;
    return !crew->is_over;
}

static void *help(void *self)
{
    struct helper *helper = self;
    struct crew *crew = helper->crew;
    size_t turn = 0;

    pthread_mutex_lock(&crew->lock);
    while (wait_for_job(crew, &turn)) {
        crew->inside++;
        pthread_mutex_unlock(&crew->lock);
        take_slices(&crew->job, helper->member);
        pthread_mutex_lock(&crew->lock);
        if (--crew->inside == 0)
            pthread_cond_signal(&crew->left);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

struct crew *crew_new(size_t members)
{
    struct crew *crew = mem_zero(sizeof(*crew));

    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->begun, NULL);
    pthread_cond_init(&crew->left, NULL);
    crew->helpers = mem_zero(members * sizeof(*crew->helpers));
    for (size_t i = 1; i < members; i++) {
        struct helper *helper = &crew->helpers[crew->helper_count];

        *helper = (struct helper){.crew = crew, .member = i};
        if (pthread_create(&helper->thread, NULL, help, helper) != 0)
            abort(); /* as where memory is out */
        crew->helper_count++;
    }
    return crew;
}

void crew_free(struct crew *crew)
{
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->is_over = true;
    pthread_cond_broadcast(&crew->begun);
    pthread_mutex_unlock(&crew->lock);
    for (size_t i = 0; i < crew->helper_count; i++)
        pthread_join(crew->helpers[i].thread, NULL);
    pthread_cond_destroy(&crew->left);
    pthread_cond_destroy(&crew->begun);
    pthread_mutex_destroy(&crew->lock);
    free(crew->helpers);
    free(crew);
}

size_t crew_members(const struct crew *crew)
{
    return crew->helper_count + 1;
}

static void begin(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->turn++;
    crew->is_open = true;
    pthread_cond_broadcast(&crew->begun);
    pthread_mutex_unlock(&crew->lock);
}

/* A helper that has not come by now is not waited for. */
static void end(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->is_open = false;
    while (crew->inside > 0)
        pthread_cond_wait(&crew->left, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

void crew_run(struct crew *crew, size_t count, size_t slice, crew_work *work, void *self)
{
    bool is_shared = crew->helper_count > 0 && count / slice / 2 >= crew_members(crew);

    crew->job.work = work;
    crew->job.self = self;
    crew->job.count = count;
    crew->job.slice = slice;
    atomic_store(&crew->job.next, 0);
    if (is_shared)
        begin(crew);
    take_slices(&crew->job, 0);
    if (is_shared)
        end(crew);
}
