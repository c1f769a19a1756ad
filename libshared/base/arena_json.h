/* arena_json: JSON read into an arena (yyjson does the reading), gone with it. */
#pragma once

#include <yyjson.h>

#include "base/arena.h"
#include "base/error.h"

/* The root of @json; texts in it live in @arena. NULL with @err, of class POISON, saying where it
 * is not JSON. */
yyjson_val *arena_json_read(struct arena *arena, struct text json, struct error *err);
