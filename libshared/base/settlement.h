/* settlement: up to where a partition is dealt with.
 *
 * Messages come in spans (those of one batch and partition, in order). A span is settled when each
 * of its messages is: nothing came of it, or all that was made from it is safe. The position that
 * may be stored is behind the last span before which nothing is open: never beyond an open message,
 * whatever order the others finish in.
 *
 * Pure bookkeeping, not thread-safe. What is stored, and where, is the caller's business.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct settlement; /* of one partition */
struct span;

struct settlement *settlement_new(void);

/* Adds a span of @messages open messages (at least one); @next is the offset behind its last. It
 * frees itself once they are all settled and its settlement has passed it or is gone. */
struct span *settlement_add(struct settlement *settlement, int64_t next, size_t messages);

/* @messages of the span's are dealt with. False: the settlement is gone and these were counted
 * as given back when it went. The span must not be used after its last message is settled. */
bool settlement_settle(struct span *span, size_t messages);

/* Whether the settlement of a span is gone: what was open in it was counted as given back. */
bool settlement_is_gone(const struct span *span);

/* The last @messages of a span, none of them settled, are not to be dealt with now: it ends at
 * @next, the offset of the first of them. True: the span is still to be settled. */
bool settlement_cut(struct span *span, int64_t next, size_t messages);

/* True if the position has moved since the last call; *@next is then what may be stored. */
bool settlement_advance(struct settlement *settlement, int64_t *next);

/* Whether settlement_advance() would be true. */
bool settlement_has_moved(const struct settlement *settlement);

/* Messages that are not settled. */
size_t settlement_open(const struct settlement *settlement);

/* Ends it (NULL is fine). Spans with open messages live on, so that those may still be settled,
 * without effect. */
void settlement_free(struct settlement *settlement);
AUTO_FREE(settlement)
