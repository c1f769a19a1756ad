/* filter: which alerts a target gets. */
#pragma once

#include "base/alert.h"
#include "base/settings.h"

enum filter_revisions { FILTER_ALL, FILTER_NEW, FILTER_LAST };

/* An empty list lets everything pass. Lists of event types and tags may end in `*`. */
struct filter {
    int min_severity; /* enum threat_level */
    struct text_list tenants;
    struct text_list event_types; /* one of the alert's is enough */
    struct text_list tags;        /* the same */
    int revisions;                /* enum filter_revisions; LAST: resolved ones */
};

/* Shadow alerts never pass. */
bool filter_passes(const struct filter *filter, const struct alert *alert);
