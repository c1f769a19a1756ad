/* conditions: what must be well before a worker calls itself ready, each by its name.
 *
 * Thread-safe. A change is logged.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/mem.h"

struct conditions;

struct conditions *conditions_new(void);
/* Those of one part of a worker: what is set is @parent's (borrowed), as "<part>: <name>". */
struct conditions *conditions_part(struct conditions *parent, const char *part);
void conditions_free(struct conditions *conditions);
AUTO_FREE(conditions)

/* @problem: one sentence; NULL: all is well. Both are copied. */
void conditions_set(struct conditions *conditions, const char *name, const char *problem);
bool conditions_all_well(struct conditions *conditions);
/* {"ready":false,"conditions":{"redis":"connection refused","kafka":"ok"}} */
void conditions_render(struct conditions *conditions, struct buf *out);
