/* target_settings: the forwarder's targets as the settings file has them. */
#pragma once

#include "base/error.h"
#include "forwarder/forwarder_settings.h"
#include "io/shared_settings.h"

struct target_file {
    struct shared_settings shared;
    struct forwarder_settings forwarder;
    struct settings *settings; /* owned: the texts of both */
};

/* @path as --config gives it. On failure target_settings_done() is still to be called. */
int target_settings_read(struct target_file *file, const char *path, struct error *err);
void target_settings_done(struct target_file *file);

/* NULL with @err, which names those there are. */
const struct target_settings *target_settings_find(const struct target_file *file, const char *name,
                                                   struct error *err);
