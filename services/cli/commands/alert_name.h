/* alert_name: an alert as a user names it: by its id, or by the first digits of it, which tables
 * show.
 *
 * Ids are long ("SEC-" and 32 digits); 8 digits tell alerts apart as a rule, and where they do not,
 * that is found out while the records are read.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

struct alert_name {
    const char *word;
    struct buf id;    /* of the alert that was found for it; empty: none yet */
    struct buf other; /* of a second one: nobody knows which is meant */
};

void alert_name_done(struct alert_name *name);

/* Is @id what is named? If so, it is noted. */
bool alert_name_is(struct alert_name *name, struct text id);

/* -EINVAL with @err, which names both: several alerts are meant. */
int alert_name_check(const struct alert_name *name, struct error *err);

/* The first digits of @id, as tables show it where it has no room; an id of another form is whole.
 */
struct text alert_name_short(struct text id);
