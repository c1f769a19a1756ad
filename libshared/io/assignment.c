#include "io/assignment.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/clock.h"

enum {
    SEEK_MS = 5000,
    LET_GO_MS = 500, /* tried again with the next tick, so that the others are read meanwhile */
    LET_GO_TRIES = 20,
    PROBLEM_CHECK_US = 5 * 1000 * 1000,
    PROBLEM_CHECK_MS = 500,
};

struct assignment {
    struct ledger *ledger;
    struct partition *partitions;
    size_t count, capacity;
    size_t last; /* found: messages come in runs */
    char **problems;
    size_t problem_count, problem_capacity;
    int64_t problem_check_us;
};

struct assignment *assignment_new(struct ledger *ledger)
{
    struct assignment *assignment = mem_zero(sizeof(*assignment));

    assignment->ledger = ledger;
    return assignment;
}

void assignment_free(struct assignment *assignment)
{
    if (!assignment)
        return;
    assignment_clear(assignment);
    free(assignment->partitions);
    for (size_t i = 0; i < assignment->problem_count; i++)
        free(assignment->problems[i]);
    free(assignment->problems);
    free(assignment);
}

void assignment_set(struct assignment *assignment, const rd_kafka_topic_partition_list_t *list)
{
    assignment_clear(assignment);
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *given = &list->elems[i];

        assignment->partitions = mem_grow(assignment->partitions, assignment->count,
                                          &assignment->capacity, sizeof(struct partition));
        assignment->partitions[assignment->count++] = (struct partition){
            .topic = mem_copy_text(given->topic),
            .id = given->partition,
            .next = given->offset >= 0 ? given->offset : -1,
            .settled = given->offset >= 0 ? given->offset : -1,
            .settlement = settlement_new(),
            .lag = ledger_lag(assignment->ledger, given->topic, given->partition),
        };
    }
}

size_t assignment_clear(struct assignment *assignment)
{
    size_t open = 0;

    for (size_t i = 0; i < assignment->count; i++) {
        struct partition *partition = &assignment->partitions[i];

        open += settlement_open(partition->settlement);
        settlement_free(partition->settlement);
        metrics_hide(partition->lag);
        free(partition->topic);
    }
    assignment->count = assignment->last = 0;
    return open;
}

size_t assignment_count(const struct assignment *assignment)
{
    return assignment->count;
}

struct partition *assignment_at(struct assignment *assignment, size_t i)
{
    return &assignment->partitions[i];
}

static bool is_of(struct partition *partition, const rd_kafka_message_t *message)
{
    if (partition->id != message->partition)
        return false;
    if (!partition->handle) {
        if (strcmp(partition->topic, rd_kafka_topic_name(message->rkt)) != 0)
            return false;
        partition->handle = message->rkt;
    }
    return partition->handle == message->rkt;
}

struct partition *assignment_find(struct assignment *assignment, const rd_kafka_message_t *message)
{
    if (!message->rkt)
        return NULL;
    for (size_t tried = 0; tried < assignment->count; tried++) {
        size_t i = (assignment->last + tried) % assignment->count;

        if (is_of(&assignment->partitions[i], message)) {
            assignment->last = i;
            return &assignment->partitions[i];
        }
    }
    return NULL;
}

rd_kafka_topic_partition_list_t *assignment_list(const struct assignment *assignment)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)assignment->count);

    for (size_t i = 0; i < assignment->count; i++) {
        const struct partition *partition = &assignment->partitions[i];

        rd_kafka_topic_partition_list_add(list, partition->topic, partition->id)->offset =
            partition->next >= 0 ? partition->next : RD_KAFKA_OFFSET_INVALID;
    }
    return list;
}

void assignment_restart(struct assignment *assignment, struct partition *partition, int64_t offset)
{
    ledger_settle(assignment->ledger, LEDGER_GIVEN_BACK, settlement_open(partition->settlement));
    settlement_free(partition->settlement);
    partition->settlement = settlement_new();
    partition->next = partition->settled = offset;
    partition->is_misplaced = partition->is_made_anew = false;
}

static rd_kafka_topic_partition_list_t *list_of_one(const struct partition *partition)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

    rd_kafka_topic_partition_list_add(list, partition->topic, partition->id)->offset =
        partition->next;
    return list;
}

static void pause_one(rd_kafka_t *kafka, const struct partition *partition)
{
    rd_kafka_topic_partition_list_t *list = list_of_one(partition);

    rd_kafka_pause_partitions(kafka, list);
    rd_kafka_topic_partition_list_destroy(list);
}

void assignment_hold(struct partition *partition, rd_kafka_t *kafka, int64_t offset)
{
    partition->next = offset;
    partition->is_held = true;
    partition->is_at_end = false;
    pause_one(kafka, partition);
}

/* What is read meanwhile of a partition that stays held is passed over. */
bool assignment_let_go(struct partition *partition, rd_kafka_t *kafka)
{
    rd_kafka_topic_partition_list_t *list = list_of_one(partition);

    rd_kafka_resume_partitions(kafka, list);
    rd_kafka_error_t *error = rd_kafka_seek_partitions(kafka, list, LET_GO_MS);
    bool has_failed = error || list->elems[0].err;

    partition->failed = has_failed ? partition->failed + 1 : 0;
    partition->is_misplaced |= partition->failed == LET_GO_TRIES;
    /* One that is misplaced has been stopped, and begins where it is placed. */
    partition->is_held = has_failed && !partition->is_misplaced;
    if (error)
        rd_kafka_error_destroy(error);
    rd_kafka_topic_partition_list_destroy(list);
    return !partition->is_held;
}

void assignment_pause(const struct assignment *assignment, rd_kafka_t *kafka)
{
    rd_kafka_topic_partition_list_t *list = assignment_list(assignment);

    rd_kafka_pause_partitions(kafka, list);
    rd_kafka_topic_partition_list_destroy(list);
}

void assignment_resume(const struct assignment *assignment, rd_kafka_t *kafka)
{
    rd_kafka_topic_partition_list_t *list = assignment_list(assignment);

    rd_kafka_resume_partitions(kafka, list);
    rd_kafka_topic_partition_list_destroy(list);
}

void assignment_pause_held(const struct assignment *assignment, rd_kafka_t *kafka)
{
    for (size_t i = 0; i < assignment->count; i++) {
        if (assignment->partitions[i].is_held)
            pause_one(kafka, &assignment->partitions[i]);
    }
}

bool assignment_seek(struct assignment *assignment, rd_kafka_t *kafka)
{
    rd_kafka_topic_partition_list_t *list = assignment_list(assignment);
    rd_kafka_error_t *error = list->cnt > 0 ? rd_kafka_seek_partitions(kafka, list, SEEK_MS) : NULL;
    bool is_complete = true;

    /* Not where librdkafka was to look for the start itself, nor where it did not do as told. */
    for (size_t i = 0; i < assignment->count; i++) {
        struct partition *partition = &assignment->partitions[i];

        if (partition->next >= 0 && !error && !list->elems[i].err)
            continue;
        partition->is_misplaced = true;
        is_complete = false;
    }
    if (error)
        rd_kafka_error_destroy(error);
    rd_kafka_topic_partition_list_destroy(list);
    return is_complete;
}

void assignment_note_skipped(struct assignment *assignment, const rd_kafka_message_t *message)
{
    struct partition *partition = assignment_find(assignment, message);

    if (partition && partition->next < 0)
        partition->next = message->offset;
}

bool assignment_has_moved(const struct assignment *assignment)
{
    for (size_t i = 0; i < assignment->count; i++) {
        if (settlement_has_moved(assignment->partitions[i].settlement))
            return true;
    }
    return false;
}

void assignment_store(struct assignment *assignment, rd_kafka_t *kafka, bool at_once)
{
    rd_kafka_topic_partition_list_t *list = NULL;

    for (size_t i = 0; i < assignment->count; i++) {
        struct partition *partition = &assignment->partitions[i];

        if (partition->is_misplaced ||
            !settlement_advance(partition->settlement, &partition->settled))
            continue;
        if (!list)
            list = rd_kafka_topic_partition_list_new((int)assignment->count);
        rd_kafka_topic_partition_list_add(list, partition->topic, partition->id)->offset =
            partition->settled;
    }
    if (!list)
        return;
    /* Refused for partitions that have just been taken away: they are the next owner's. */
    rd_kafka_offsets_store(kafka, list);
    if (at_once)
        rd_kafka_commit(kafka, list, 1);
    rd_kafka_topic_partition_list_destroy(list);
}

void assignment_show_lag(struct assignment *assignment, rd_kafka_t *kafka)
{
    for (size_t i = 0; i < assignment->count; i++) {
        const struct partition *partition = &assignment->partitions[i];
        int64_t low, high;

        if (partition->settled < 0 ||
            rd_kafka_get_watermark_offsets(kafka, partition->topic, partition->id, &low, &high) ||
            high < 0)
            continue;
        metrics_set(partition->lag,
                    high > partition->settled ? (double)(high - partition->settled) : 0);
    }
}

/* Topics with a problem. */

void assignment_note_problem(struct assignment *assignment, const char *topic)
{
    assignment->problem_check_us = clock_monotonic_us() + PROBLEM_CHECK_US;
    for (size_t i = 0; i < assignment->problem_count; i++) {
        if (strcmp(assignment->problems[i], topic) == 0)
            return;
    }
    assignment->problems = mem_grow(assignment->problems, assignment->problem_count,
                                    &assignment->problem_capacity, sizeof(*assignment->problems));
    assignment->problems[assignment->problem_count++] = mem_copy_text(topic);
}

static bool is_well(const struct rd_kafka_metadata *metadata, const char *topic)
{
    for (int i = 0; i < metadata->topic_cnt; i++) {
        if (strcmp(metadata->topics[i].topic, topic) == 0)
            return metadata->topics[i].err == 0 && metadata->topics[i].partition_cnt > 0;
    }
    return false;
}

bool assignment_problems_are_gone(struct assignment *assignment, rd_kafka_t *kafka)
{
    const struct rd_kafka_metadata *metadata;
    size_t left = 0;

    if (assignment->problem_count == 0 || clock_monotonic_us() < assignment->problem_check_us)
        return false;
    assignment->problem_check_us = clock_monotonic_us() + PROBLEM_CHECK_US;
    if (rd_kafka_metadata(kafka, 1, NULL, &metadata, PROBLEM_CHECK_MS))
        return false;
    for (size_t i = 0; i < assignment->problem_count; i++) {
        if (is_well(metadata, assignment->problems[i]))
            free(assignment->problems[i]);
        else
            assignment->problems[left++] = assignment->problems[i];
    }
    assignment->problem_count = left;
    rd_kafka_metadata_destroy(metadata);
    return left == 0;
}
