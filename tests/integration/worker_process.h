/* worker_process: a worker as a process of its own: this very program, called with --service.
 *
 * Its settings are a file, its log comes through a pipe, its port is found in its log. */
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/clock.h"
#include "unit.h"

struct worker_process {
    pid_t pid;
    int log;         /* read end */
    struct buf text; /* of the log so far */
    int port;
    char settings[64]; /* path */
};

static inline void worker_process_run(const char *settings, int log)
{
    char program[] = "/proc/self/exe";
    char service[] = "--service", option[] = "--config";
    char path[64];
    char *arguments[] = {program, service, option, path, NULL};

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing behind */
    snprintf(path, sizeof(path), "%s", settings);
    dup2(log, STDERR_FILENO);
    execv(program, arguments);
    _exit(127);
}

static inline void worker_process_spawn(struct worker_process *worker, const char *yaml)
{
    int ends[2];

    snprintf(worker->settings, sizeof(worker->settings), "/tmp/haechi-worker-XXXXXX");
    int file = mkstemp(worker->settings);

    assert_true(file >= 0);
    assert_int_equal(write(file, yaml, strlen(yaml)), strlen(yaml));
    close(file);
    assert_int_equal(pipe(ends), 0);
    worker->pid = fork();
    if (worker->pid == 0) {
        close(ends[0]);
        worker_process_run(worker->settings, ends[1]);
    }
    close(ends[1]);
    worker->log = ends[0];
}

/* Takes in more of the log; false at its end. */
static inline bool worker_process_read(struct worker_process *worker, int timeout_ms)
{
    struct pollfd wait = {.fd = worker->log, .events = POLLIN};

    if (poll(&wait, 1, timeout_ms) <= 0)
        return true;
    ssize_t size = read(worker->log, buf_reserve(&worker->text, 4096), 4096);

    if (size > 0)
        worker->text.size += (size_t)size;
    return size > 0;
}

/* The log as far as it is written. */
static inline const char *worker_process_log(struct worker_process *worker)
{
    size_t before;

    do {
        before = worker->text.size;
    } while (worker_process_read(worker, 0) && worker->text.size > before);
    return buf_string(&worker->text);
}

/* A moment between two looks; a log that nobody took in would hold up its writer. */
static inline void worker_process_pause(struct worker_process *worker)
{
    poll(NULL, 0, 20);
    worker_process_log(worker);
}

/* Waits until @words stand in the log; returns what follows them. */
static inline const char *worker_process_expect(struct worker_process *worker, const char *words)
{
    int64_t until_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);
    const char *found;

    while (!(found = strstr(buf_string(&worker->text), words))) {
        if (clock_monotonic_us() > until_us || !worker_process_read(worker, 100))
            fail_msg("'%s' is not in the log:\n%s", words, buf_string(&worker->text));
    }
    return found + strlen(words);
}

static inline void worker_process_start(struct worker_process *worker, const char *yaml)
{
    *worker = (struct worker_process){0};
    worker_process_spawn(worker, yaml);
    worker_process_expect(worker, "\"event\":\"started\"");
    worker->port = (int)strtol(worker_process_expect(worker, "\"port\":"), NULL, 10);
}

/* Waits for the end and returns the exit status; -1 if a signal ended it. */
static inline int worker_process_end(struct worker_process *worker)
{
    int64_t until_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);
    int status = 0;

    while (worker_process_read(worker, 100)) {
        if (clock_monotonic_us() > until_us) {
            kill(worker->pid, SIGKILL);
            waitpid(worker->pid, &status, 0);
            fail_msg("the worker does not end:\n%s", buf_string(&worker->text));
        }
    }
    waitpid(worker->pid, &status, 0);
    if (getenv("HAECHI_TEST_SHOW_LOG"))
        fprintf(stderr, "%s", buf_string(&worker->text));
    close(worker->log);
    unlink(worker->settings);
    buf_done(&worker->text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline int worker_process_stop(struct worker_process *worker)
{
    kill(worker->pid, SIGTERM);
    return worker_process_end(worker);
}

/* GETs a page; returns the status, 0 without an answer. */
static inline int worker_process_get(const struct worker_process *worker, const char *path,
                                     struct buf *body)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)worker->port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    AUTO_BUF request = {0};
    ssize_t size = 0;

    buf_reset(body);
    buf_addf(&request, "GET %s HTTP/1.0\r\n\r\n", path);
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 &&
        write(fd, request.bytes, request.size) > 0) {
        while ((size = read(fd, buf_reserve(body, 4096), 4096)) > 0)
            body->size += (size_t)size;
    }
    close(fd);
    return body->size > 12 ? (int)strtol(buf_string(body) + 9, NULL, 10) : 0;
}

/* The value of a series of /metrics; -1: it has none. */
static inline double worker_process_metric(const struct worker_process *worker, const char *series)
{
    AUTO_BUF body = {0}, line = {0};

    worker_process_get(worker, "/metrics", &body);
    buf_addf(&line, "\n%s ", series);
    const char *found = strstr(buf_string(&body), buf_string(&line));

    return found ? strtod(found + line.size, NULL) : -1;
}

static inline void worker_process_expect_metric(struct worker_process *worker, const char *series,
                                                double value)
{
    int64_t until_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);

    while (worker_process_metric(worker, series) != value) {
        if (clock_monotonic_us() > until_us)
            fail_msg("%s is %g, not %g:\n%s", series, worker_process_metric(worker, series), value,
                     worker_process_log(worker));
        worker_process_pause(worker);
    }
}

/* Waits until /readyz answers @status; its body must hold @words. */
static inline void worker_process_expect_ready(struct worker_process *worker, int status,
                                               const char *words)
{
    int64_t until_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);
    AUTO_BUF body = {0};

    while (worker_process_get(worker, "/readyz", &body) != status ||
           !strstr(buf_string(&body), words)) {
        if (clock_monotonic_us() > until_us)
            fail_msg("/readyz does not come to %d with '%s': %s\n%s", status, words,
                     buf_string(&body), worker_process_log(worker));
        worker_process_pause(worker);
    }
}
