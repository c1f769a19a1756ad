/* stix: a bundle of STIX 2.0 or 2.1 in a file. */
#include "iocfeed/feeds.h"

#include "base/arena_json.h"
#include "iocfeed/harvest.h"
#include "iocfeed/stix_objects.h"

#include <errno.h>

static int stix_parse(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    AUTO(arena) arena = arena_new(256 * 1024);
    yyjson_val *root = arena_json_read(arena, answer->body, err), *objects;

    if (!root)
        return -EBADMSG;
    objects = yyjson_is_arr(root) ? root : yyjson_obj_get(root, "objects");
    if (yyjson_equals_str(yyjson_obj_get(root, "type"), "indicator"))
        objects = root; /* one alone */
    else if (!yyjson_is_arr(objects) &&
             !yyjson_equals_str(yyjson_obj_get(root, "type"), "bundle")) /* one may be empty */
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "no STIX bundle: neither `objects` nor `\"type\": \"bundle\"` is in "
                               "it");
    AUTO(stix_objects) found = stix_objects_new();

    stix_objects_add(found, harvest, objects);
    stix_objects_finish(found, harvest);
    return 0;
}

const struct feed_ops feed_stix = {.name = "stix", .parse = stix_parse};
