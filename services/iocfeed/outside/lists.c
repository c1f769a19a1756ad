#include "iocfeed/outside/lists.h"

#include "base/document.h"
#include "base/files.h"

enum { MOST_BYTES = 256 << 20, MOST_LISTS = 10000, DEEPEST = 4, ARENA_BLOCK = 1 << 16 };

static int read_list(struct warning_lists *lists, const char *path, struct error *err)
{
    AUTO(arena) arena = arena_new(ARENA_BLOCK);
    struct text bytes;
    int result = document_read_bytes(arena, path, MOST_BYTES, &bytes, err);

    return result < 0 ? result : warning_lists_add(lists, path, bytes, err);
}

static int read_path(struct warning_lists *lists, const char *path, struct error *err)
{
    static const char *const endings[] = {".json", NULL};
    const struct files_wanted wanted = {"warning lists", endings, MOST_LISTS, DEEPEST};
    AUTO(arena) arena = arena_new(ARENA_BLOCK);
    struct files files;
    int result = files_find(arena, path, &wanted, &files, err);

    for (size_t i = 0; i < files.count && result == 0; i++)
        result = read_list(lists, files.paths[i].bytes, err);
    return result;
}

static int read_allowed(struct warning_lists *lists, const char *path, struct error *err)
{
    AUTO(arena) arena = arena_new(ARENA_BLOCK);
    struct text bytes;
    int result = document_read_bytes(arena, path, MOST_BYTES, &bytes, err);

    return result < 0 ? result : warning_lists_allow(lists, path, bytes, err);
}

struct warning_lists *lists_read(const struct text_list *paths, const struct text_list *allow,
                                 struct error *err)
{
    AUTO(warning_lists) lists = warning_lists_new();

    for (size_t i = 0; i < paths->count; i++) {
        if (read_path(lists, paths->items[i], err) < 0)
            return NULL;
    }
    for (size_t i = 0; i < allow->count; i++) {
        if (read_allowed(lists, allow->items[i], err) < 0)
            return NULL;
    }
    return TAKE(lists);
}
