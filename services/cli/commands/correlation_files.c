#include "cli/commands/correlation_files.h"

#include <stdlib.h>

#include "io/install_path.h"

static int add_default(struct correlations *set, struct error *err)
{
    AUTO_BUF path = {0};
    const char *named = getenv("HAECHI_CORRELATIONS");
    int result = 0;

    if (named && named[0])
        buf_add_string(&path, named);
    else
        result = install_path_correlations(&path, err);
    return result < 0 ? result : correlations_add(set, buf_string(&path), err);
}

static int add_all(struct correlations *set, const char *const *files, size_t count,
                   struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (correlations_add(set, files[i], err) < 0)
            return -1;
    }
    return 0;
}

struct correlations *correlation_files_read(const struct correlation_options *options,
                                            struct correlation_limits limits, struct error *err)
{
    AUTO(correlations) set = correlations_new(limits);

    if ((!options->no_default && add_default(set, err) < 0) ||
        add_all(set, options->files.items, options->files.count, err) < 0)
        return NULL;
    return TAKE(set);
}

struct correlations *correlation_files_load(const struct correlation_options *options,
                                            struct correlation_limits limits,
                                            const char *const *more, size_t more_count,
                                            struct error *err)
{
    AUTO(correlations) set = correlation_files_read(options, limits, err);

    if (!set || add_all(set, more, more_count, err) < 0 || correlations_link(set, err) < 0)
        return NULL;
    return TAKE(set);
}

struct actions *correlation_files_actions(struct error *err)
{
    AUTO(actions) actions = actions_new();
    AUTO_BUF path = {0};

    if (install_path_actions(&path, err) < 0 || actions_add(actions, buf_string(&path), err) < 0)
        return NULL;
    return TAKE(actions);
}
