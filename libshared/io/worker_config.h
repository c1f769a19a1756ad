/* worker_config: a worker's command line and settings. */
#pragma once

#include "base/settings.h"
#include "io/shared_settings.h"
#include "io/worker.h"

struct worker_config {
    const struct worker_ops *ops;
    struct shared_settings shared;
    struct worker_settings own;
    const char *path; /* of the settings file; NULL: none */
    const char *lane; /* the only one to run; NULL: all there are */
    void *service;    /* the struct that ops->settings fill */
    struct settings *loaded;
    struct shared_worker_rows rows;
    struct settings_section sections[SHARED_SETTINGS_SECTIONS + 2];
};

/* Does what the command line asks for. True: to run, with @config filled in. False: all is done,
 * *@status is the process's. */
bool worker_config_init(struct worker_config *config, int argc, char **argv,
                        const struct worker_ops *ops, int *status);
/* The service's settings read anew into @service, a struct as config->service is. NULL with @err;
 * the texts live as long as the result. Any thread. */
struct settings *worker_config_again(const struct worker_config *config, void *service,
                                     struct error *err);
void worker_config_done(struct worker_config *config);

/* A failure at start, as one sentence on stderr. */
void worker_config_complain(const struct worker_config *config, const char *sentence);
