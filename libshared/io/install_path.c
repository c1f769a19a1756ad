#include "io/install_path.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

static const char *const rules[] = {"../share/haechi/rules", "../../deploy/rules"};

static struct text own_folder(char *into, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", into, size);
    size_t end = length > 0 ? (size_t)length : 0;

    while (end > 0 && into[end - 1] != '/')
        end--;
    return (struct text){into, end};
}

int install_path_rules(struct buf *path, struct error *err)
{
    char own[PATH_MAX];
    struct text folder = own_folder(own, sizeof(own));

    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        buf_reset(path);
        buf_add(path, folder);
        buf_add_string(path, rules[i]);
        if (access(buf_string(path), R_OK | X_OK) == 0)
            return 0;
    }
    return error_set(err, -ENOENT, "no built-in rules: neither %.*s%s nor %.*s%s is there",
                     TEXT_ARG(folder), rules[0], TEXT_ARG(folder), rules[1]);
}
