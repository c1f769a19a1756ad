#include "iocfeed/json_rows.h"

#include "base/mem.h"
#include "iocfeed/json_path.h"
#include "iocfeed/row.h"

static bool is_filled(yyjson_val *list)
{
    yyjson_val *first = yyjson_arr_get_first(list);

    return yyjson_is_obj(first) || yyjson_is_str(first);
}

/* @object's member of which the rows may be, by the names that are usual. */
static yyjson_val *find_usual(yyjson_val *object)
{
    static const char *const names[] = {"indicators", "iocs",     "data",      "results",
                                        "result",     "response", "resources", "objects",
                                        "items",      "entries",  "records",   "urls"};
    yyjson_val *key, *value;
    size_t i, max;

    for (size_t name = 0; name < COUNT_OF(names); name++) {
        yyjson_obj_foreach(object, i, max, key, value)
        {
            if (yyjson_is_ctn(value) && row_names_equal(json_path_text(key), text_of(names[name])))
                return value;
        }
    }
    return NULL;
}

yyjson_val *json_rows_find(yyjson_val *root)
{
    enum { MAX_LEVELS = 3 };

    for (int level = 0; level < MAX_LEVELS && yyjson_is_obj(root); level++) {
        yyjson_val *next = find_usual(root);

        if (!next)
            break;
        root = next;
    }
    return root;
}

yyjson_val *json_rows_only_list(yyjson_val *object)
{
    yyjson_val *key, *value, *list = NULL;
    size_t i, max;

    yyjson_obj_foreach(object, i, max, key, value)
    {
        if (!is_filled(value) || text_is(json_path_text(key), "errors"))
            continue;
        if (list)
            return NULL;
        list = value;
    }
    return list;
}
