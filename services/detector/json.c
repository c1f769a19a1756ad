#include "detector/json.h"

#include <errno.h>

static void *take(void *arena, size_t size)
{
    return arena_take(arena, size);
}

static void *grow(void *arena, void *old, size_t old_size, size_t size)
{
    return memcpy(arena_take(arena, size), old, old_size < size ? old_size : size);
}

static void give_back(void *arena, void *block)
{
    (void)arena;
    (void)block; /* with the whole batch */
}

static yyjson_alc allocator(struct arena *arena)
{
    return (yyjson_alc){take, grow, give_back, arena};
}

/* Values lie one behind another in the order of the text, so that a walk without recursion sees how
 * deep they nest. */
static bool too_deep(yyjson_doc *doc)
{
    size_t count = yyjson_doc_get_val_count(doc), depth = 0;
    yyjson_val *value = yyjson_doc_get_root(doc);
    const yyjson_val *ends[JSON_MAX_DEPTH];

    if (count <= JSON_MAX_DEPTH)
        return false;
    for (yyjson_val *end = value + count; value < end; value++) {
        while (depth > 0 && value >= ends[depth - 1])
            depth--;
        if (!yyjson_is_ctn(value))
            continue;
        if (depth == JSON_MAX_DEPTH)
            return true;
        ends[depth++] = unsafe_yyjson_get_next(value);
    }
    return false;
}

yyjson_val *json_read(struct text bytes, struct arena *arena, bool *bad, struct error *err)
{
    yyjson_alc memory = allocator(arena);
    yyjson_read_err why;

    if (text_starts(bytes, TEXT("\xEF\xBB\xBF")))
        bytes = text_slice(bytes, 3, bytes.size);
    /* yyjson changes the bytes only if it is told to (INSITU). */
    char *text = (char *)(uintptr_t)bytes.bytes;
    yyjson_doc *doc = yyjson_read_opts(text, bytes.size, YYJSON_READ_NUMBER_AS_RAW, &memory, &why);

    *bad = !doc && why.code == YYJSON_READ_ERROR_INVALID_STRING;
    if (*bad)
        doc = yyjson_read_opts(text, bytes.size,
                               YYJSON_READ_NUMBER_AS_RAW | YYJSON_READ_ALLOW_INVALID_UNICODE,
                               &memory, &why);
    if (!doc) {
        error_set_class(err, ERROR_POISON, -EBADMSG, "not JSON: %s at byte %zu", why.msg, why.pos);
        return NULL;
    }
    if (too_deep(doc)) {
        error_set_class(err, ERROR_POISON, -ELOOP, "JSON nested deeper than %d levels",
                        JSON_MAX_DEPTH);
        return NULL;
    }
    return yyjson_doc_get_root(doc);
}

struct text json_text(yyjson_val *value, struct arena *arena)
{
    if (yyjson_is_str(value) || yyjson_is_raw(value))
        return (struct text){unsafe_yyjson_get_str(value), unsafe_yyjson_get_len(value)};
    if (yyjson_is_bool(value))
        return yyjson_is_true(value) ? TEXT("true") : TEXT("false");
    if (!yyjson_is_ctn(value))
        return (struct text){NULL, 0};
    yyjson_alc memory = allocator(arena);
    size_t size = 0;
    const char *bytes =
        yyjson_val_write_opts(value, YYJSON_WRITE_ALLOW_INVALID_UNICODE, &memory, &size, NULL);

    return (struct text){bytes, bytes ? size : 0};
}

yyjson_val *json_find(yyjson_val *object, struct text path)
{
    yyjson_val *found = path.size ? yyjson_obj_getn(object, path.bytes, path.size) : NULL;

    for (size_t dot = 0; !found && dot < path.size; dot++) {
        if (path.bytes[dot] != '.')
            continue;
        yyjson_val *inner = yyjson_obj_getn(object, path.bytes, dot);

        if (yyjson_is_obj(inner))
            found = json_find(inner, text_slice(path, dot + 1, path.size));
    }
    return found;
}
