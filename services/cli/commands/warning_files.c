#include "cli/commands/warning_files.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/commands/whole_file.h"

enum { LIST_LIMIT = 64 * 1024 * 1024, DEPTH = 2 };

static int load_path(struct warning_lists *lists, const char *path, int depth, struct error *err);

static int load_folder(struct warning_lists *lists, const char *path, int depth, struct error *err)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    struct stat status;
    int result = 0;

    if (!folder)
        return error_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
    while (result == 0 && (entry = readdir(folder))) {
        AUTO_BUF inner = {0};

        buf_addf(&inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || stat(buf_string(&inner), &status) < 0)
            continue;
        if (S_ISDIR(status.st_mode) ? depth > 0 : text_ends(buf_text(&inner), TEXT(".json")))
            result = load_path(lists, buf_string(&inner), depth - 1, err);
    }
    closedir(folder);
    return result;
}

/* A folder may be a copy of MISP's repository: lists/<name>/list.json. */
static int load_path(struct warning_lists *lists, const char *path, int depth, struct error *err)
{
    AUTO_BUF json = {0};
    struct stat status;
    int result;

    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return load_folder(lists, path, depth, err);
    result = whole_file_read(path, LIST_LIMIT, &json, err);
    return result < 0 ? result : warning_lists_add(lists, path, buf_text(&json), err);
}

struct warning_lists *warning_files_load(const struct warning_options *options, struct error *err)
{
    AUTO(warning_lists) lists = warning_lists_new();

    for (size_t i = 0; i < options->lists.count; i++) {
        if (load_path(lists, options->lists.items[i], DEPTH, err) < 0)
            return NULL;
    }
    for (size_t i = 0; i < options->allow.count; i++) {
        AUTO_BUF lines = {0};

        if (whole_file_read(options->allow.items[i], LIST_LIMIT, &lines, err) < 0 ||
            warning_lists_allow(lists, options->allow.items[i], buf_text(&lines), err) < 0)
            return NULL;
    }
    return TAKE(lists);
}
