#include "iocfeed/outside/lists.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/document.h"

enum { MOST_BYTES = 256 << 20, DEEPEST = 4 };

static int read_list(struct warning_lists *lists, const char *path, struct error *err)
{
    AUTO(arena) arena = arena_new(1 << 16);
    struct text bytes;
    int result = document_read_bytes(arena, path, MOST_BYTES, &bytes, err);

    return result < 0 ? result : warning_lists_add(lists, path, bytes, err);
}

static bool is_folder(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* A folder's *.json, and its folders': MISP has lists/<name>/list.json.
 * NOLINTNEXTLINE(misc-no-recursion) */
static int read_path(struct warning_lists *lists, const char *path, int depth, struct error *err)
{
    if (!is_folder(path))
        return read_list(lists, path, err);
    DIR *folder = opendir(path);
    struct dirent *entry;
    int result = 0;

    if (!folder)
        return error_set(err, -errno, "%s: %s", path, strerror(errno));
    while (result == 0 && (entry = readdir(folder))) {
        struct text name = text_of(entry->d_name);
        AUTO_BUF inner = {0};

        buf_addf(&inner, "%s/%s", path, entry->d_name);
        if (name.bytes[0] != '.' && depth < DEEPEST &&
            (text_ends(name, TEXT(".json")) || is_folder(buf_string(&inner))))
            result = read_path(lists, buf_string(&inner), depth + 1, err);
    }
    closedir(folder);
    return result;
}

static int read_allowed(struct warning_lists *lists, const char *path, struct error *err)
{
    AUTO(arena) arena = arena_new(1 << 16);
    struct text bytes;
    int result = document_read_bytes(arena, path, MOST_BYTES, &bytes, err);

    return result < 0 ? result : warning_lists_allow(lists, path, bytes, err);
}

struct warning_lists *lists_read(const struct iocfeed_settings *settings, struct error *err)
{
    AUTO(warning_lists) lists = warning_lists_new();

    for (size_t i = 0; i < settings->warning_lists.count; i++) {
        if (read_path(lists, settings->warning_lists.items[i], 0, err) < 0)
            return NULL;
    }
    for (size_t i = 0; i < settings->allow.count; i++) {
        if (read_allowed(lists, settings->allow.items[i], err) < 0)
            return NULL;
    }
    return TAKE(lists);
}
