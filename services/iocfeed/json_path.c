#include "iocfeed/json_path.h"

#include <errno.h>

#include "base/number.h"

enum { MAX_DEPTH = 16 };

yyjson_val *json_path_get(yyjson_val *from, struct text path)
{
    yyjson_val *whole = yyjson_obj_getn(from, path.bytes, path.size);
    struct text name;

    if (whole || path.size == 0)
        return whole;
    while (from && text_split(&path, '.', &name))
        from = yyjson_obj_getn(from, name.bytes, name.size);
    return from;
}

static void each(yyjson_val *from, struct text path, int depth,
                 void (*found)(void *self, yyjson_val *value), void *self)
{
    struct text name;
    yyjson_val *value, *key;
    size_t i, max;

    if (!from || depth == MAX_DEPTH)
        return;
    if (!text_split(&path, '.', &name)) {
        found(self, from);
    } else if (!text_is(name, "*")) {
        each(yyjson_obj_getn(from, name.bytes, name.size), path, depth + 1, found, self);
    } else if (yyjson_is_arr(from)) {
        yyjson_arr_foreach(from, i, max, value) each(value, path, depth + 1, found, self);
    } else {
        yyjson_obj_foreach(from, i, max, key, value) each(value, path, depth + 1, found, self);
    }
}

void json_path_each(yyjson_val *from, struct text path,
                    void (*found)(void *self, yyjson_val *value), void *self)
{
    each(from, path, 0, found, self);
}

struct text json_path_text(yyjson_val *string)
{
    /* Lists have a length too. */
    return yyjson_is_str(string) ? (struct text){yyjson_get_str(string), yyjson_get_len(string)}
                                 : (struct text){0};
}

bool json_path_scalar(yyjson_val *value, struct buf *scratch, struct text *text)
{
    buf_reset(scratch);
    if (yyjson_is_str(value)) {
        *text = json_path_text(value);
        return true;
    }
    if (yyjson_is_bool(value))
        buf_add_string(scratch, yyjson_get_bool(value) ? "true" : "false");
    else if (yyjson_is_uint(value))
        buf_addf(scratch, "%llu", (unsigned long long)yyjson_get_uint(value));
    else if (yyjson_is_sint(value))
        number_write_integer(yyjson_get_sint(value), scratch);
    else if (yyjson_is_real(value))
        number_write_double(yyjson_get_real(value), scratch);
    else
        return false;
    *text = buf_text(scratch);
    return true;
}

/* abuse.ch's word on a query. */
static struct text status_of(yyjson_val *root)
{
    return json_path_text(yyjson_obj_get(root, "query_status"));
}

bool json_path_is_empty_answer(yyjson_val *root)
{
    return text_starts(status_of(root), TEXT("no_result"));
}

bool json_path_is_answer(yyjson_val *root)
{
    yyjson_val *error = yyjson_obj_get(root, "error");

    return yyjson_obj_get(root, "query_status") ||
           (error && !yyjson_is_null(error) && !yyjson_is_false(error));
}

int json_path_refusal(yyjson_val *root, struct error *err)
{
    static const char *const names[] = {"query_status", "error",       "errors", "detail",
                                        "message",      "description", "title"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        yyjson_val *value = yyjson_obj_get(root, names[i]);

        if (yyjson_is_arr(value))
            value = yyjson_arr_get_first(value);
        if (yyjson_is_obj(value) && yyjson_obj_get(value, "message"))
            value = yyjson_obj_get(value, "message");
        struct text word = text_cut(json_path_text(value), 120);

        if (word.size > 0 && !text_is(word, "ok"))
            return error_set_class(err, ERROR_POISON, -EBADMSG,
                                   "it is the server's answer '%.*s' (%s) and no feed",
                                   TEXT_ARG(word), names[i]);
    }
    return 0;
}
