/* daemon: the part that services have in common which do not turn messages into messages.
 *
 * Like worker.h without its consumer: settings, log, health and metrics, signals and the end.
 * daemon_main() calls turn() again and again, in one thread, until it is asked to stop.
 */
#pragma once

#include "base/error.h"
#include "base/metrics.h"
#include "base/settings.h"
#include "io/shared_settings.h"

struct daemon;

struct daemon_ops {
    const char *name;    /* log tag, metric prefix, section of the settings */
    const char *summary; /* one line for --help */
    const struct setting *settings;
    size_t config_size; /* of the struct those settings fill */
    int default_port;   /* of /metrics */

    /* Optional; as in worker.h. */
    int (*check)(const void *config, struct error *err);

    /* The service's own state, or NULL with @err. */
    void *(*open)(struct daemon *daemon, const void *config, struct error *err);
    /* Does what there is to do and returns within some 100 ms, having waited if there was nothing;
     * negative with @err: the process is to end. */
    int (*turn)(void *self, struct error *err);
    int (*reload)(void *self, struct error *err); /* SIGHUP; optional */
    const char *reloads;                          /* what that reads again, for --help */
    void (*close)(void *self);
};

/* The exit status for main(), as worker_main() gives it. */
int daemon_main(int argc, char **argv, const struct daemon_ops *ops);

/* The service's settings read anew into @service, a zeroed struct like the @config of open(). NULL
 * with @err; the texts live as long as the result. */
struct settings *daemon_settings_again(const struct daemon *daemon, void *service,
                                       struct error *err);

struct metrics *daemon_metrics(struct daemon *daemon);
const struct shared_settings *daemon_shared(const struct daemon *daemon);
/* As worker_condition(). */
void daemon_condition(struct daemon *daemon, const char *name, const char *problem);
