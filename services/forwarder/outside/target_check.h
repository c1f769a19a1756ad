/* target_check: what can be wrong with a target beyond its settings, before anything is sent. */
#pragma once

#include "forwarder/forwarder_settings.h"

/* Reads the files that it names; connects to nothing. -EINVAL with @err. */
int target_check(const struct target_settings *target, struct error *err);
