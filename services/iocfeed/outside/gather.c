#include "iocfeed/outside/gather.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "iocfeed/harvest.h"

struct gather {
    const struct feed_settings *feed;
    const struct warning_lists *lists;
    struct fetch_memory memory;
    struct buf cursor;
    int64_t now_ms;
    pthread_t thread;
    bool has_thread;
    atomic_bool is_done;
    struct gather_outcome outcome;
};

/* What @status means for the feed; 0: its body is to be read. */
static int judge_status(const struct harvest *harvest, const struct fetch_answer *answer,
                        struct error *err)
{
    long status = answer->status;

    if (status >= 200 && status < 300)
        return 0;
    if (status == 404 && harvest->format->empty_is_404)
        return 0;
    if (status == 401 || status == 403)
        return error_set_class(err, ERROR_CONFIG, -EACCES,
                               "the server answers %ld: key or password are missing or wrong",
                               status);
    if (status >= 300 && status < 400)
        return error_set_class(err, ERROR_CONFIG, -EXDEV,
                               "the server answers %ld: it has moved, and secrets are not sent on; "
                               "set its new url",
                               status);
    return error_set_class(err, ERROR_RETRY, -EIO, "the server answers %ld", status);
}

static bool is_html(const char *content_type)
{
    struct text type = text_of(content_type);

    type = text_trim(text_slice(type, 0, text_find_byte(type, ';')));
    return text_equal_nocase(type, TEXT("text/html")) ||
           text_equal_nocase(type, TEXT("application/xhtml+xml"));
}

/* 1: nothing is new; 0: taken; negative with @err. */
static int get(struct gather *g, struct harvest *harvest, const struct feed_request *request,
               bool is_first, struct error *err)
{
    const struct fetch_memory *memory = is_first ? &g->memory : NULL;
    struct fetch_answer answer = {0};
    int result = fetch(g->feed, request, memory, &answer, err);

    g->outcome.retry_after_ms = answer.retry_after_ms;
    if (result == 0 && memory)
        g->outcome.memory = answer.memory;
    if (result == 0 && answer.status == 304 && memory) {
        g->outcome.memory = g->memory;
        result = 1;
    } else if (result == 0) {
        result = judge_status(harvest, &answer, err);
    }
    const struct feed_answer taken = {.body = buf_text(&answer.body),
                                      .date_added_last = text_of(answer.date_added_last),
                                      .is_html = is_html(answer.content_type)};

    if (result == 0)
        result = harvest_take(harvest, &taken, err);
    fetch_answer_done(&answer);
    return result;
}

static int run_url(struct gather *g, struct harvest *harvest, struct error *err)
{
    struct feed_request request = {0};
    int result, requests = 0;

    while ((result = harvest_ask(harvest, &request, err)) > 0) {
        result = get(g, harvest, &request, requests++ == 0, err);
        if (result != 0)
            return result;
    }
    if (requests > 1) /* its pages are not one document */
        g->outcome.memory = (struct fetch_memory){"", ""};
    return result;
}

static int run_file(struct gather *g, struct harvest *harvest, struct error *err)
{
    AUTO_BUF body = {0};
    struct stat facts;

    if (stat(g->feed->file, &facts) == 0)
        snprintf(g->outcome.memory.etag, sizeof(g->outcome.memory.etag), "%lld.%09ld %lld %lld",
                 (long long)facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, (long long)facts.st_size,
                 (long long)facts.st_ino);
    if (g->memory.etag[0] && strcmp(g->memory.etag, g->outcome.memory.etag) == 0)
        return 1;
    int result = fetch_file(g->feed, &body, err);

    return result == 0 ? harvest_take_file(harvest, buf_text(&body), err) : result;
}

static void copy_counts(struct gather_outcome *outcome, const struct harvest *harvest)
{
    outcome->counts = intake_counts(harvest->intake);
    outcome->counts.reasons = NULL; /* they go with the harvest */
    outcome->counts.reason_count = 0;
    outcome->content_ms = intake_content_time(harvest->intake);
    outcome->is_complete = harvest_is_complete(harvest);
    buf_add(&outcome->cursor, harvest_cursor(harvest));
}

static void run(struct gather *g)
{
    struct gather_outcome *outcome = &g->outcome;

    outcome->sightings = sightings_new(g->feed->profile.tenant);
    outcome->content_ms = RECORD_NULL;
    struct intake_sink sink = sightings_sink(outcome->sightings);
    AUTO(harvest)
    harvest = harvest_new(&g->feed->profile, g->lists, g->now_ms, &sink, buf_text(&g->cursor),
                          &outcome->err);
    int result = -1;

    if (harvest)
        result = g->feed->file ? run_file(g, harvest, &outcome->err)
                               : run_url(g, harvest, &outcome->err);
    if (result == 0)
        result = harvest_judge(harvest, &outcome->err);
    if (result == 0)
        copy_counts(outcome, harvest);
    outcome->result = result == 0 ? GATHER_NEW : result > 0 ? GATHER_UNCHANGED : GATHER_FAILED;
}

static void *run_thread(void *self)
{
    struct gather *g = self;

    run(g);
    atomic_store(&g->is_done, true);
    return NULL;
}

struct gather *gather_begin(const struct feed_settings *feed, const struct warning_lists *lists,
                            const struct fetch_memory *memory, struct text cursor, int64_t now_ms)
{
    struct gather *g = mem_zero(sizeof(*g));

    g->feed = feed;
    g->lists = lists;
    g->memory = *memory;
    g->now_ms = now_ms;
    buf_add(&g->cursor, cursor);
    g->has_thread = pthread_create(&g->thread, NULL, run_thread, g) == 0;
    if (!g->has_thread) {
        g->outcome.result = GATHER_FAILED;
        error_set_class(&g->outcome.err, ERROR_RETRY, -EAGAIN, "no thread could be started");
        atomic_store(&g->is_done, true);
    }
    return g;
}

struct gather_outcome *gather_outcome(struct gather *g)
{
    return atomic_load(&g->is_done) ? &g->outcome : NULL;
}

void gather_outcome_done(struct gather_outcome *outcome)
{
    sightings_free(outcome->sightings);
    buf_done(&outcome->cursor);
}

void gather_end(struct gather *g)
{
    if (!g)
        return;
    if (g->has_thread)
        pthread_join(g->thread, NULL);
    gather_outcome_done(&g->outcome);
    buf_done(&g->cursor);
    free(g);
}

void gather_now(const struct feed_settings *feed, const struct warning_lists *lists,
                const struct fetch_memory *memory, struct text cursor, int64_t now_ms,
                struct gather_outcome *outcome)
{
    struct gather g = {.feed = feed, .lists = lists, .memory = *memory, .now_ms = now_ms};

    buf_add(&g.cursor, cursor);
    run(&g);
    buf_done(&g.cursor);
    *outcome = g.outcome;
}
