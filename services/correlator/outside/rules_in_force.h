/* rules_in_force: the correlations that are loaded, and the table of recommended actions.
 *
 * New ones are read beside the old, which stay where anything is wrong.
 */
#pragma once

#include "correlator/actions.h"
#include "correlator/correlations.h"
#include "correlator/correlator_settings.h"

struct rules_in_force {
    struct correlations *rules;
    struct actions *actions;
};

/* The built-in ones unless the settings leave them out, then those that the settings name. */
int rules_in_force_read(struct rules_in_force *into, const struct correlator_settings *settings,
                        struct error *err);
void rules_in_force_done(struct rules_in_force *rules);
