/* settlement: which offsets may be stored.
 *
 * A message is settled when everything that was made from it is acknowledged. The messages of one
 * batch and one partition make a *span*; a span knows how many outputs it still waits for, and the
 * offset behind the settled spans at the head of a partition's queue is what may be stored. So a
 * message from which nothing was made costs nothing of its own, and a redelivery repeats at most a
 * few batches.
 *
 * Spans of a partition that was taken away are given back: whoever has the partition now gets their
 * messages again. Not thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"

struct settlement;
struct settlement_span;

struct settlement_partition {
    char *topic; /* owned */
    int32_t id;
    bool is_assigned;
    bool is_gone;     /* its topic was deleted: what comes next is another topic's */
    int64_t position; /* next offset to read */
    int64_t settled;  /* everything before it is done; what is stored */
    struct settlement_span *oldest, *newest; /* not yet settled */
    struct settlement_span *open;            /* of the batch that is being handled */
};

/* Messages by what became of them. consumed = produced + nothing + dead_lettered + given_back + in
 * flight, whenever no batch is being handled. */
struct settlement_counts {
    uint64_t consumed;
    uint64_t produced;
    uint64_t nothing;
    uint64_t dead_lettered;
    uint64_t given_back;
    uint64_t in_flight;
};

enum settlement_outcome { OUTCOME_NOTHING, OUTCOME_PRODUCED, OUTCOME_DEAD_LETTERED };

struct settlement *settlement_new(void);
void settlement_free(struct settlement *settlement);
AUTO_FREE(settlement)

/* The partition's record, made at the first call; it stays for good. */
struct settlement_partition *settlement_partition(struct settlement *settlement, const char *topic,
                                                  int32_t id);
size_t settlement_partition_count(const struct settlement *settlement);
struct settlement_partition *settlement_partition_at(const struct settlement *settlement, size_t i);

void settlement_assign(struct settlement_partition *partition, int64_t position);
/* Gives back what is not settled. */
void settlement_revoke(struct settlement *settlement, struct settlement_partition *partition);

/* One more message of the batch; returns the batch's span in @partition. */
struct settlement_span *settlement_take(struct settlement *settlement,
                                        struct settlement_partition *partition, int64_t offset);
/* The batch is handled: each of its messages ended as @outcome, and its spans are complete. */
void settlement_judge(struct settlement_span *span, enum settlement_outcome outcome);
void settlement_end_batch(struct settlement *settlement);

/* An output waits for its acknowledgement; it has it. */
void settlement_hold(struct settlement_span *span);
void settlement_release(struct settlement_span *span);

/* Moves partition->settled over the settled spans; true if it moved, to be stored. */
bool settlement_advance(struct settlement *settlement, struct settlement_partition *partition);

const struct settlement_counts *settlement_counts(const struct settlement *settlement);
