/* edition: the settings of a lane's target as they were read once, with the secrets that stood in
 * their files then.
 *
 * A token is replaced in its file, a settings file is mended: then there is a new edition, while
 * who works by an older one goes on until it has finished what it does. Any thread may hold and
 * release; all else is for the lane's.
 */
#pragma once

#include <stdint.h>

#include "forwarder/forwarder_settings.h"
#include "io/worker.h"

struct edition {
    const struct target_settings *target;
    uint64_t number; /* 1 is the first */
};

/* Of the worker's own settings. Held once. */
struct edition *edition_first(struct worker *worker, const struct target_settings *target);
/* Read anew; @before stays what it is. NULL with @err. Held once. */
struct edition *edition_next(struct worker *worker, const struct edition *before,
                             struct error *err);
/* Has one of the files that its secrets and certificates came from changed? */
bool edition_is_stale(const struct edition *edition);

struct edition *edition_hold(struct edition *edition);
void edition_release(struct edition *edition); /* NULL is fine */
