/* router: which rules want an event. A rule that does not concern it costs nothing: what an event's
 * type and rule rule out is looked up, not asked.
 */
#pragma once

#include "correlator/correlations.h"
#include "correlator/plan.h"

/* Events of one type and rule. */
struct route {
    struct text event_type;
    struct plan *single;               /* of events that are alerts by themselves */
    const struct plan_entry **entries; /* of the rules, in their order */
    struct plan **plans;               /* the rule of each entry */
    size_t count;
    const struct correlation_selection **withheld; /* of rules that say generate: false */
    size_t withheld_count;
};

struct router_settings {
    int64_t max_lateness_ms, suppress_ms, types_window_ms;
};

struct router;

/* @rules may be NULL, and are borrowed. */
struct router *router_new(const struct correlations *rules, const struct router_settings *settings);
void router_free(struct router *router);

/* Never NULL; lives as long as the router. */
const struct route *router_find(struct router *router, const struct event *event);

/* For single events of @type. */
struct plan *router_single(struct router *router, struct text type);
/* The rule of this shape (shape.h); NULL: there is none. */
struct plan *router_shape(const struct router *router, uint64_t shape);

/* Rules that write alerts, and behind them those of single events. */
size_t router_plans(const struct router *router);
struct plan *router_plan(const struct router *router, size_t i);
