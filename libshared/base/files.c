#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

struct search {
    struct arena *arena;
    const struct files_wanted *wanted;
    const char *path; /* where it began */
    struct text *paths;
    size_t count, capacity;
};

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool has_ending(const struct search *search, struct text name)
{
    for (const char *const *ending = search->wanted->endings; *ending; ending++) {
        const struct text wanted = text_of(*ending);

        if (name.size >= wanted.size &&
            text_equal_nocase(text_slice(name, name.size - wanted.size, name.size), wanted))
            return true;
    }
    return false;
}

static int add(struct search *search, struct text path, struct error *err)
{
    if (search->count == search->wanted->limit)
        return error_set(err, -E2BIG, "%s: has more than %zu %s", search->path,
                         search->wanted->limit, search->wanted->what);
    search->paths =
        mem_grow(search->paths, search->count, &search->capacity, sizeof(*search->paths));
    search->paths[search->count++] = path;
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the settings say */
static int look_into(struct search *search, const char *path, int depth, struct error *err)
{
    DIR *folder = opendir(path);
    int status = 0;

    if (!folder)
        return error_set(err, -errno, "%s: cannot be read: %s", path, strerror(errno));
    for (struct dirent *item; status == 0 && (item = readdir(folder));) {
        struct text inner = arena_textf(search->arena, "%s/%s", path, item->d_name);

        if (item->d_name[0] == '.')
            continue;
        if (is_folder(inner.bytes))
            status = depth > 0 ? look_into(search, inner.bytes, depth - 1, err) : 0;
        else if (has_ending(search, inner))
            status = add(search, inner, err);
    }
    closedir(folder);
    return status;
}

/* What holds none is another place than the one that was meant. */
static int refuse_none(const char *path, const struct files_wanted *wanted, struct error *err)
{
    AUTO_BUF known = {0};

    for (const char *const *ending = wanted->endings; *ending; ending++)
        buf_addf(&known, "%s%s", known.size > 0 ? ", " : "", *ending);
    return error_set(err, -ENOENT, "%s: holds no %s (%s)%s", path, wanted->what, buf_string(&known),
                     wanted->depth == 0 ? "; subfolders are not read" : "");
}

static int compare(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

int files_find(struct arena *arena, const char *path, const struct files_wanted *wanted,
               struct files *files, struct error *err)
{
    struct search search = {.arena = arena, .wanted = wanted, .path = path};
    struct stat info;
    int status;

    *files = (struct files){0};
    if (stat(path, &info) < 0)
        return error_set(err, -errno, "%s: cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        status = look_into(&search, path, wanted->depth, err);
    else
        status = add(&search, arena_textf(arena, "%s", path), err);
    if (status == 0 && search.count == 0)
        status = refuse_none(path, wanted, err);
    if (status == 0 && search.count > 0) {
        qsort(search.paths, search.count, sizeof(*search.paths), compare);
        files->paths = arena_take(arena, search.count * sizeof(*files->paths));
        memcpy(files->paths, search.paths, search.count * sizeof(*files->paths));
        files->count = search.count;
    }
    free(search.paths);
    return status;
}
