/* json_path: where in a JSON value something stands: "a.b.c"; "*" is every member or item. */
#pragma once

#include <yyjson.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

/* The first value at @path without "*"; a member with a dot in its name is found too. NULL: none.
 */
yyjson_val *json_path_get(yyjson_val *from, struct text path);

/* Every value at @path. */
void json_path_each(yyjson_val *from, struct text path,
                    void (*found)(void *self, yyjson_val *value), void *self);

struct text json_path_text(yyjson_val *string); /* empty for anything else */
/* A string, number or truth value as text; false for anything else. @scratch holds numbers. */
bool json_path_scalar(yyjson_val *value, struct buf *scratch, struct text *text);

/* Whether @root is a server's word on the request, as abuse.ch's `query_status` or an `error`. */
bool json_path_is_answer(yyjson_val *root);
/* Whether that word is that there is nothing. */
bool json_path_is_empty_answer(yyjson_val *root);
/* Of a body in which nothing was found: -EBADMSG and @err with what the server says in it
 * (`error`, `detail`, `message`, …); 0: it says nothing. */
int json_path_refusal(yyjson_val *root, struct error *err);
