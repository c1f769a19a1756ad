/* json_fields: which of a JSON log's members are its normalised fields (docs/logs.md).
 *
 * Each field has a list of candidates, paths in the order of preference. They are woven into one
 * tree of keys when a source is made, so that one walk over a log's members finds all fields.
 */
#pragma once

#include <yyjson.h>

#include "base/settings.h"
#include "detector/entry.h"

struct json_fields;

/* Checks a pair of overrides, as settings do (settings.h): is there such a field, and a path? */
int json_fields_check(const char *name, const char *path, struct error *err);

/* @overrides (normalised field -> path, borrowed) come before the built-in candidates. NULL with
 * @err if they name a field that there is not. */
struct json_fields *json_fields_new(const struct text_map *overrides, struct error *err);
void json_fields_free(struct json_fields *fields); /* NULL is fine */
AUTO_FREE(json_fields)

/* Sets @values to the best candidate of each field that @object has; NULL where it has none. A
 * candidate must be present and say something: null, "" and, the message and the time aside, "-" do
 * not. A list stands for its first item, an object for nothing; as message both stay what they are.
 */
void json_fields_find(const struct json_fields *fields, yyjson_val *object,
                      yyjson_val *values[ENTRY_FIELD_COUNT]);
/* Only the message: half the price. NULL if @object has none. */
yyjson_val *json_fields_find_message(const struct json_fields *fields, yyjson_val *object);

/* The same from @log's own bytes, without parsing them. False where they are not plain enough
 * (json_skim.h) for the answer to be certain: then the log has to be parsed. */
bool json_fields_skim_message(const struct json_fields *fields, struct text log,
                              struct text *message);
