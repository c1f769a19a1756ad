#include "correlator/router.h"

#include <stdlib.h>

#include "correlator/text_key.h"

struct keyed_route {
    struct text key;
    struct route route;
};

struct router {
    const struct correlations *rules;
    struct router_settings settings;
    struct arena *arena;
    struct plan **plans; /* of rules, then of single events; owned, what they point to is not */
    size_t rule_count, count, capacity;
    GHashTable *singles; /* event type -> struct plan */
    GHashTable *routes;  /* type and rule -> struct keyed_route */
    struct buf key;
};

static void add_plan(struct router *router, struct plan *plan)
{
    router->plans =
        mem_grow(router->plans, router->count, &router->capacity, sizeof(struct plan *));
    router->plans[router->count++] = plan;
}

struct router *router_new(const struct correlations *rules, const struct router_settings *settings)
{
    struct router *router = mem_zero(sizeof(*router));

    router->rules = rules;
    router->settings = *settings;
    router->arena = arena_new(16 * 1024);
    router->singles = g_hash_table_new(text_key_hash, text_key_equal);
    router->routes = g_hash_table_new(text_key_hash, text_key_equal);
    for (size_t i = 0; rules && i < correlations_count(rules); i++) {
        const struct correlation *rule = correlations_rule(rules, i);

        if (rule->alerts && rule->type != CORRELATION_SILENCE)
            add_plan(router, plan_of_rule(rule, settings->max_lateness_ms, router->arena));
    }
    router->rule_count = router->count;
    return router;
}

void router_free(struct router *router)
{
    if (!router)
        return;
    g_hash_table_destroy(router->routes);
    g_hash_table_destroy(router->singles);
    arena_free(router->arena);
    free(router->plans);
    buf_done(&router->key);
    free(router);
}

/* The plan's id holds the type, so the table's key can point into it. */
struct plan *router_single(struct router *router, struct text type)
{
    struct plan *plan = g_hash_table_lookup(router->singles, &type);

    if (plan)
        return plan;
    struct text *key = ARENA_NEW(router->arena, struct text);

    plan = plan_of_type(type, router->settings.suppress_ms, router->settings.max_lateness_ms,
                        router->settings.types_window_ms, router->arena);
    *key = text_slice(plan->id, plan->id.size - type.size, plan->id.size);
    g_hash_table_insert(router->singles, key, plan);
    add_plan(router, plan);
    return plan;
}

static size_t count_named(const struct plan *plan, const struct event *event)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->entry_count; i++)
        count += correlation_names(plan->entries[i].selection, event);
    return count;
}

static void add_entries(struct router *router, const struct event *event, struct route *route)
{
    size_t room = 0;

    for (size_t i = 0; i < router->rule_count; i++)
        room += count_named(router->plans[i], event);
    route->entries = arena_take(router->arena, room * sizeof(*route->entries));
    route->plans = arena_take(router->arena, room * sizeof(struct plan *));
    for (size_t i = 0; i < router->rule_count; i++) {
        struct plan *plan = router->plans[i];

        for (size_t k = 0; k < plan->entry_count; k++) {
            if (!correlation_names(plan->entries[k].selection, event))
                continue;
            route->plans[route->count] = plan;
            route->entries[route->count++] = &plan->entries[k];
        }
    }
}

static void withhold(const struct correlation *rule, const struct event *event, struct route *route)
{
    for (size_t i = 0; i < rule->selection_count; i++) {
        const struct correlation_selection *selection = &rule->selections[i];

        if (selection->correlation)
            withhold(selection->correlation, event, route);
        else if (correlation_names(selection, event))
            route->withheld[route->withheld_count++] = selection;
    }
}

static size_t count_selections(const struct correlation *rule)
{
    size_t count = rule->selection_count;

    for (size_t i = 0; i < rule->selection_count; i++)
        count +=
            rule->selections[i].correlation ? rule->selections[i].correlation->selection_count : 0;
    return count;
}

static void add_withheld(struct router *router, const struct event *event, struct route *route)
{
    size_t room = 0;

    for (size_t i = 0; router->rules && i < correlations_count(router->rules); i++)
        room += correlation_withholds(correlations_rule(router->rules, i))
                    ? count_selections(correlations_rule(router->rules, i))
                    : 0;
    route->withheld = arena_take(router->arena, room * sizeof(*route->withheld));
    for (size_t i = 0; router->rules && i < correlations_count(router->rules); i++) {
        const struct correlation *rule = correlations_rule(router->rules, i);

        if (correlation_withholds(rule))
            withhold(rule, event, route);
    }
}

const struct route *router_find(struct router *router, const struct event *event)
{
    buf_reset(&router->key);
    buf_add(&router->key, event->event_type);
    buf_add_byte(&router->key, '\0');
    buf_add(&router->key, event->rule_id);
    struct text key = buf_text(&router->key);
    struct keyed_route *found = g_hash_table_lookup(router->routes, &key);

    if (found)
        return &found->route;
    found = ARENA_NEW(router->arena, struct keyed_route);
    found->key = arena_copy(router->arena, key);
    found->route.event_type = text_slice(found->key, 0, event->event_type.size);
    found->route.single = router_single(router, event->event_type);
    add_entries(router, event, &found->route);
    add_withheld(router, event, &found->route);
    g_hash_table_insert(router->routes, &found->key, found);
    return &found->route;
}

size_t router_plans(const struct router *router)
{
    return router->count;
}

struct plan *router_plan(const struct router *router, size_t i)
{
    return router->plans[i];
}

struct plan *router_shape(const struct router *router, uint64_t shape)
{
    for (size_t i = 0; i < router->rule_count; i++) {
        if (router->plans[i]->shape == shape)
            return router->plans[i];
    }
    return NULL;
}
