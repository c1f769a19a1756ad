/* json_reader: reading what a JSON form wrote, with a parser of another's making (yyjson). */
#pragma once

#include "base/arena_json.h"
#include "base/buf.h"
#include "base/text.h"

/* No object in it has two members of one name: receivers disagree on which of them counts. */
static inline bool json_has_no_doubles(yyjson_val *value)
{
    size_t i, j, count, others;
    yyjson_val *key, *item, *other, *ignored;

    if (yyjson_is_arr(value)) {
        yyjson_arr_foreach(value, i, count, item)
        {
            if (!json_has_no_doubles(item))
                return false;
        }
    }
    yyjson_obj_foreach(value, i, count, key, item)
    {
        yyjson_obj_foreach(value, j, others, other, ignored)
        {
            if (i != j && yyjson_equals(key, other))
                return false;
        }
        if (!json_has_no_doubles(item))
            return false;
    }
    return true;
}

/* Is the text at the JSON pointer @at what a reader of @want's JSON gets (U+FFFD for what is no
 * UTF-8)? With no member there @want has to be empty. */
static inline bool json_text_is(struct arena *arena, yyjson_val *root, const char *at,
                                struct text want)
{
    AUTO_BUF json = {0};
    yyjson_val *found = yyjson_ptr_get(root, at);

    if (!found)
        return want.size == 0;
    buf_add_json(&json, want);
    return yyjson_equals(found, arena_json_read(arena, buf_text(&json), NULL));
}
