/* assignment: the partitions that a consumer has, and where it stands in each. */
#pragma once

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "base/settlement.h"
#include "io/ledger.h"

struct partition {
    char *topic; /* owned */
    int32_t id;
    rd_kafka_topic_t *handle; /* that its messages carry, to know them by; NULL until the first */
    int64_t next;             /* what is handed out next; -1: not known before the first message */
    int64_t settled;          /* stored last; -1: nothing yet */
    struct settlement *settlement;
    struct gauge *lag;
    bool is_misplaced; /* Kafka does not have @next: nothing is taken until it is mended */
    bool is_committed; /* the group's position was seen at the coordinator */
    bool is_at_end;    /* nothing was behind what was handed out last */
    bool is_held;      /* paused at @next, until it is let go */
    unsigned failed;   /* times that it could not be let go */
    bool is_made_anew; /* it has gone from there: the topic is another one of that name */
};

struct assignment;

struct assignment *assignment_new(struct ledger *ledger);
void assignment_free(struct assignment *assignment); /* NULL is fine */

/* In place of what there was. Offsets of @list that are real are where partitions begin. */
void assignment_set(struct assignment *assignment, const rd_kafka_topic_partition_list_t *list);
/* Returns how many messages had not been settled. */
size_t assignment_clear(struct assignment *assignment);

size_t assignment_count(const struct assignment *assignment);
struct partition *assignment_at(struct assignment *assignment, size_t i);
/* NULL: not one of ours. */
struct partition *assignment_find(struct assignment *assignment, const rd_kafka_message_t *message);

/* All of it with the next offsets (RD_KAFKA_OFFSET_INVALID: not known); the caller destroys it. */
rd_kafka_topic_partition_list_t *assignment_list(const struct assignment *assignment);

/* @partition begins anew at @offset; what was open in it is given back. */
void assignment_restart(struct assignment *assignment, struct partition *partition, int64_t offset);

/* @partition is to go on at @offset, which was handed out, and not before it is let go. */
void assignment_hold(struct partition *partition, rd_kafka_t *kafka, int64_t offset);
/* False: librdkafka is busy with the partition, which stays held; to be called again, soon. Where
 * that happens many times in a row it is marked as misplaced. */
bool assignment_let_go(struct partition *partition, rd_kafka_t *kafka);
/* All of it, held or not. */
void assignment_pause(const struct assignment *assignment, rd_kafka_t *kafka);
void assignment_resume(const struct assignment *assignment, rd_kafka_t *kafka);
/* Pauses those that are held, once more: everything was resumed. */
void assignment_pause_held(const struct assignment *assignment, rd_kafka_t *kafka);

/* Makes the consumer read on from each partition's next offset. False: that cannot be said of all;
 * those are marked as misplaced. */
bool assignment_seek(struct assignment *assignment, rd_kafka_t *kafka);
/* @message was taken from librdkafka and thrown away. */
void assignment_note_skipped(struct assignment *assignment, const rd_kafka_message_t *message);
/* Stores what has been settled since, and with @at_once commits it (else librdkafka will: within a
 * second, and when partitions go). */
void assignment_store(struct assignment *assignment, rd_kafka_t *kafka, bool at_once);
bool assignment_has_moved(const struct assignment *assignment); /* there is something to store */
void assignment_show_lag(struct assignment *assignment, rd_kafka_t *kafka);

/* Topics that are missing or may not be read. */
void assignment_note_problem(struct assignment *assignment, const char *topic);
/* True once, when the last of them has come. */
bool assignment_problems_are_gone(struct assignment *assignment, rd_kafka_t *kafka);
