/* vanished: topics that were deleted while we read them.
 *
 * A topic made anew under the old name has other logs at the same offsets, and librdkafka 2.0 would
 * read on in it where it stood in the old one. That the topic was away it tells in its log only
 * (facility PARTCNT), from a thread of its own, before it fetches anything of the new one. A topic
 * that is deleted and there again before librdkafka looked at the metadata (a fetch of a deleted
 * topic makes it look at once) cannot be told from one that was there all the time.
 *
 * Thread-safe.
 */
#pragma once

#include <stdbool.h>

struct vanished;

struct vanished *vanished_new(void);
void vanished_free(struct vanished *vanished); /* NULL is fine */

/* A line of librdkafka's log: "Topic logs partition count changed from 4 to 0". */
void vanished_note(struct vanished *vanished, const char *facility, const char *text);

/* Cheap where there is none. */
bool vanished_has_any(const struct vanished *vanished);
/* The name of one of them, which is forgotten; the caller frees it. NULL: no more. */
char *vanished_take(struct vanished *vanished);
