#include "io/install_path.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* With the slash at its end, as @path ends where that is a folder: the folder above it. */
static struct text folder_of(struct text path)
{
    if (path.size > 0)
        path.size--;
    while (path.size > 0 && path.bytes[path.size - 1] != '/')
        path.size--;
    return path;
}

static struct text own_folder(char *into, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", into, size);

    return folder_of((struct text){into, length > 0 ? (size_t)length : 0});
}

/* @place as it is seen from @folder, its "../" done: people are shown it. */
static void add_place(struct buf *path, struct text folder, const char *place)
{
    for (; strncmp(place, "../", 3) == 0; place += 3)
        folder = folder_of(folder);
    buf_add(path, folder);
    buf_add_string(path, place);
}

/* The first of @places, seen from the program's own, that can be read. */
static int find(const char *what, const char *const places[2], struct buf *path, struct error *err)
{
    char own[PATH_MAX];
    struct text folder = own_folder(own, sizeof(own));

    for (size_t i = 0; i < 2; i++) {
        buf_reset(path);
        add_place(path, folder, places[i]);
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
