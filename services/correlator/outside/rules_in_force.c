#include "correlator/outside/rules_in_force.h"

#include "io/install_path.h"

static int read_rules(struct correlations *rules, const struct correlator_settings *settings,
                      struct error *err)
{
    AUTO_BUF built_in = {0};

    if (settings->default_correlations) {
        int result = install_path_correlations(&built_in, err);

        if (result == 0)
            result = correlations_add(rules, buf_string(&built_in), err);
        if (result < 0)
            return result;
    }
    for (size_t i = 0; i < settings->correlations.count; i++) {
        int result = correlations_add(rules, settings->correlations.items[i], err);

        if (result < 0)
            return result;
    }
    return correlations_link(rules, err);
}

static int read_actions(struct actions *actions, struct error *err)
{
    AUTO_BUF path = {0};
    int result = install_path_actions(&path, err);

    return result < 0 ? result : actions_add(actions, buf_string(&path), err);
}

int rules_in_force_read(struct rules_in_force *into, const struct correlator_settings *settings,
                        struct error *err)
{
    struct rules_in_force fresh = {
        .rules = correlations_new(
            (struct correlation_limits){settings->max_members, settings->suppress_ms}),
        .actions = actions_new(),
    };
    int result = read_rules(fresh.rules, settings, err);

    if (result == 0)
        result = read_actions(fresh.actions, err);
    if (result < 0) {
        rules_in_force_done(&fresh);
        return result;
    }
    *into = fresh;
    return 0;
}

void rules_in_force_done(struct rules_in_force *rules)
{
    correlations_free(rules->rules);
    actions_free(rules->actions);
    *rules = (struct rules_in_force){NULL, NULL};
}
