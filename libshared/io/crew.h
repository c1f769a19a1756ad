/* crew: threads that share out one piece of work.
 *
 * crew_run() comes back when all of it is done. So who calls it stays the only thread that all else
 * has to reckon with, and what may run beside it is what @work does, nothing more.
 */
#pragma once

#include <stddef.h>

#include "base/mem.h"

struct crew;

/* @members: threads that work, the caller of crew_run() among them; at least 1. */
struct crew *crew_new(size_t members);
void crew_free(struct crew *crew); /* NULL is fine */
AUTO_FREE(crew)

size_t crew_members(const struct crew *crew);

/* Deals with items @begin to @end - 1, as @member: 0 for the caller of crew_run(), else up to
 * crew_members() - 1. No two calls at a time have the same member. */
typedef void crew_work(void *self, size_t member, size_t begin, size_t end);

/* @work is called for slices of at most @slice that together are the items 0 to @count - 1, each
 * once; of each member in ascending order. What has less than two slices for each, the caller does
 * alone. What it wrote before, all members see; what they wrote, it sees afterwards. */
void crew_run(struct crew *crew, size_t count, size_t slice, crew_work *work, void *self);
