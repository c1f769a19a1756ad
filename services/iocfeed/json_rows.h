/* json_rows: which of a document's lists is that of the rows, where nobody says. */
#pragma once

#include <yyjson.h>

/* What `indicators`, `data`, `results` and the like lead to, one in the other; @root where there is
 * none of them. */
yyjson_val *json_rows_find(yyjson_val *root);

/* The one list of objects or texts among the members of @object, whatever it is called:
 * {"blacklist": ["192.0.2.1"], "count": 1}. NULL: there is none, or several. */
yyjson_val *json_rows_only_list(yyjson_val *object);
