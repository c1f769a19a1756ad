#include "base/arena_json.h"

#include <errno.h>

static void *take(void *arena, size_t size)
{
    return arena_take(arena, size);
}

static void *retake(void *arena, void *old, size_t old_size, size_t size)
{
    return size <= old_size ? old : memcpy(arena_take(arena, size), old, old_size);
}

static void untake(void *arena, void *block)
{
    (void)arena;
    (void)block;
}

yyjson_val *arena_json_read(struct arena *arena, struct text json, struct error *err)
{
    const yyjson_alc memory = {take, retake, untake, arena};
    char *copy = arena_take(arena, json.size + YYJSON_PADDING_SIZE);
    yyjson_read_err problem;

    if (json.size > 0)
        memcpy(copy, json.bytes, json.size);
    memset(copy + json.size, 0, YYJSON_PADDING_SIZE);
    yyjson_doc *doc = yyjson_read_opts(copy, json.size, YYJSON_READ_INSITU, &memory, &problem);

    if (!doc)
        error_set_class(err, ERROR_POISON, -EBADMSG, "not JSON at byte %zu: %s", problem.pos,
                        problem.msg);
    return yyjson_doc_get_root(doc);
}
