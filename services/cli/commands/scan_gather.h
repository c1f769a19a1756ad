/* scan_gather: events of several logs, to be had again by time.
 *
 * In memory as Avro, whose texts take what they are long.
 */
#pragma once

#include <stdbool.h>

#include "base/event.h"

struct scan_gather;

struct scan_gather *scan_gather_new(void);
void scan_gather_free(struct scan_gather *gather); /* NULL is fine */

void scan_gather_add(struct scan_gather *gather, const struct event *event);
/* It holds what it may: time to give. */
bool scan_gather_is_full(const struct scan_gather *gather);

/* Gives all by time, those of one time as they came, and holds none of them any more. The event
 * lives until @take returns. */
void scan_gather_give(struct scan_gather *gather,
                      void (*take)(void *self, const struct event *event), void *self);
