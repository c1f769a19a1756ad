#include "io/install_path.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

static struct text own_folder(char *into, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", into, size);
    size_t end = length > 0 ? (size_t)length : 0;

    while (end > 0 && into[end - 1] != '/')
        end--;
    return (struct text){into, end};
}

/* The first of @places, seen from the program's own, that can be read. */
static int find(const char *what, const char *const places[2], struct buf *path, struct error *err)
{
    char own[PATH_MAX];
    struct text folder = own_folder(own, sizeof(own));

    for (size_t i = 0; i < 2; i++) {
        buf_reset(path);
        buf_add(path, folder);
        buf_add_string(path, places[i]);
        if (access(buf_string(path), R_OK) == 0)
            return 0;
    }
    return error_set(err, -ENOENT, "no built-in %s: neither %.*s%s nor %.*s%s is there", what,
                     TEXT_ARG(folder), places[0], TEXT_ARG(folder), places[1]);
}

int install_path_rules(struct buf *path, struct error *err)
{
    static const char *const places[] = {"../share/haechi/rules", "../../deploy/rules"};

    return find("rules", places, path, err);
}

int install_path_correlations(struct buf *path, struct error *err)
{
    static const char *const places[] = {"../share/haechi/correlations",
                                         "../../deploy/correlations"};

    return find("correlations", places, path, err);
}

int install_path_actions(struct buf *path, struct error *err)
{
    static const char *const places[] = {"../share/haechi/actions.yaml",
                                         "../../deploy/actions.yaml"};

    return find("recommended actions", places, path, err);
}
