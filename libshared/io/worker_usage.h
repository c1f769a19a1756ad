/* worker_usage: a worker's command line, and the help that tells of it. */
#pragma once

#include "io/worker.h"

enum worker_action {
    WORKER_RUN,
    WORKER_CHECK,
    WORKER_PRINT_CONFIG,
    WORKER_HELP,
    WORKER_VERSION,
    WORKER_WRONG, /* which is said on stderr already */
};

struct worker_usage {
    enum worker_action action;
    const char *path; /* of the settings; NULL: not given */
    const char *lane; /* NULL: not given */
};

struct worker_usage worker_usage_read(int argc, char **argv, const struct worker_ops *ops);

void worker_usage_help(const struct worker_ops *ops);
