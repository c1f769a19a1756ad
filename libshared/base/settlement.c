#include "base/settlement.h"

#include <stdlib.h>

struct settlement_span {
    struct settlement_partition *partition;
    struct settlement_span *newer;
    int64_t next; /* offset behind its last message */
    uint64_t messages;
    uint64_t outcomes[3];
    uint64_t pending; /* outputs not yet acknowledged */
    bool is_handled;  /* its batch is through */
    bool is_given_back;
};

struct settlement {
    struct settlement_partition **partitions;
    size_t count, capacity;
    struct settlement_partition *last_found; /* batches come partition by partition */
    struct settlement_span **batch;          /* spans of the batch being handled */
    size_t batch_count, batch_capacity;
    struct settlement_counts counts;
};

struct settlement *settlement_new(void)
{
    return mem_zero(sizeof(struct settlement));
}

static void free_spans(struct settlement_span *span)
{
    while (span) {
        struct settlement_span *newer = span->newer;

        free(span);
        span = newer;
    }
}

void settlement_free(struct settlement *settlement)
{
    if (!settlement)
        return;
    for (size_t i = 0; i < settlement->count; i++) {
        free_spans(settlement->partitions[i]->oldest);
        free(settlement->partitions[i]->topic);
        free(settlement->partitions[i]);
    }
    free(settlement->partitions);
    free(settlement->batch);
    free(settlement);
}

static bool is_partition(const struct settlement_partition *partition, const char *topic,
                         int32_t id)
{
    return partition->id == id && strcmp(partition->topic, topic) == 0;
}

static struct settlement_partition *add_partition(struct settlement *settlement, const char *topic,
                                                  int32_t id)
{
    struct settlement_partition *partition = mem_zero(sizeof(*partition));

    partition->topic = mem_copy_text(topic);
    partition->id = id;
    settlement->partitions = mem_grow(settlement->partitions, settlement->count,
                                      &settlement->capacity, sizeof(*settlement->partitions));
    settlement->partitions[settlement->count++] = partition;
    return partition;
}

struct settlement_partition *settlement_partition(struct settlement *settlement, const char *topic,
                                                  int32_t id)
{
    if (settlement->last_found && is_partition(settlement->last_found, topic, id))
        return settlement->last_found;
    for (size_t i = 0; i < settlement->count; i++) {
        if (is_partition(settlement->partitions[i], topic, id))
            return settlement->last_found = settlement->partitions[i];
    }
    return settlement->last_found = add_partition(settlement, topic, id);
}

size_t settlement_partition_count(const struct settlement *settlement)
{
    return settlement->count;
}

struct settlement_partition *settlement_partition_at(const struct settlement *settlement, size_t i)
{
    return settlement->partitions[i];
}

void settlement_assign(struct settlement_partition *partition, int64_t position)
{
    partition->is_assigned = true;
    partition->is_gone = false;
    partition->position = partition->settled = position;
}

/* A span given back is nobody's once its batch is through and its outputs are answered. */
static void free_if_done(struct settlement_span *span)
{
    if (span->is_given_back && span->is_handled && span->pending == 0)
        free(span);
}

void settlement_revoke(struct settlement *settlement, struct settlement_partition *partition)
{
    for (struct settlement_span *span = partition->oldest, *newer; span; span = newer) {
        newer = span->newer;
        span->is_given_back = true;
        settlement->counts.given_back += span->messages;
        settlement->counts.in_flight -= span->messages;
        free_if_done(span);
    }
    partition->oldest = partition->newest = partition->open = NULL;
    partition->is_assigned = false;
}

static struct settlement_span *open_span(struct settlement *settlement,
                                         struct settlement_partition *partition)
{
    struct settlement_span *span = mem_zero(sizeof(*span));

    span->partition = partition;
    if (partition->newest)
        partition->newest->newer = span;
    else
        partition->oldest = span;
    partition->newest = partition->open = span;
    settlement->batch = mem_grow(settlement->batch, settlement->batch_count,
                                 &settlement->batch_capacity, sizeof(*settlement->batch));
    settlement->batch[settlement->batch_count++] = span;
    return span;
}

struct settlement_span *settlement_take(struct settlement *settlement,
                                        struct settlement_partition *partition, int64_t offset)
{
    struct settlement_span *span =
        partition->open ? partition->open : open_span(settlement, partition);

    span->next = partition->position = offset + 1;
    span->messages++;
    settlement->counts.consumed++;
    settlement->counts.in_flight++;
    return span;
}

void settlement_judge(struct settlement_span *span, enum settlement_outcome outcome)
{
    span->outcomes[outcome]++;
}

void settlement_end_batch(struct settlement *settlement)
{
    for (size_t i = 0; i < settlement->batch_count; i++) {
        struct settlement_span *span = settlement->batch[i];

        span->is_handled = true;
        if (span->partition->open == span)
            span->partition->open = NULL;
        free_if_done(span);
    }
    settlement->batch_count = 0;
}

void settlement_hold(struct settlement_span *span)
{
    span->pending++;
}

void settlement_release(struct settlement_span *span)
{
    span->pending--;
    free_if_done(span);
}

static void count_settled(struct settlement_counts *counts, const struct settlement_span *span)
{
    counts->nothing += span->outcomes[OUTCOME_NOTHING];
    counts->produced += span->outcomes[OUTCOME_PRODUCED];
    counts->dead_lettered += span->outcomes[OUTCOME_DEAD_LETTERED];
    counts->in_flight -= span->messages;
}

bool settlement_advance(struct settlement *settlement, struct settlement_partition *partition)
{
    bool moved = false;

    while (partition->oldest && partition->oldest->is_handled && partition->oldest->pending == 0) {
        struct settlement_span *span = partition->oldest;

        partition->settled = span->next;
        count_settled(&settlement->counts, span);
        partition->oldest = span->newer;
        if (!partition->oldest)
            partition->newest = NULL;
        free(span);
        moved = true;
    }
    return moved;
}

const struct settlement_counts *settlement_counts(const struct settlement *settlement)
{
    return &settlement->counts;
}
