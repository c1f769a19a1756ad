#include "io/placement.h"

#include "io/clock.h"
#include "io/log.h"

enum {
    ANSWER_MS = 5000,
    ALL_ANSWERS_US = 10 * 1000 * 1000,
    MEND_MS = 1000, /* asked each second until it is known, so that the others are read meanwhile */
    ALL_MENDED_US = 3 * 1000 * 1000,
    CHECK_MS = 500,
};

static int64_t start_of(rd_kafka_t *kafka, const rd_kafka_topic_partition_t *partition,
                        enum group_start start, int64_t deadline_us)
{
    int64_t low, high;

    /* Logical offsets: librdkafka asks for them itself, as soon as there is a leader. */
    if (clock_monotonic_us() > deadline_us ||
        rd_kafka_query_watermark_offsets(kafka, partition->topic, partition->partition, &low, &high,
                                         ANSWER_MS))
        return start == START_LATEST ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING;
    return start == START_LATEST ? high : low;
}

rd_kafka_topic_partition_list_t *placement_begin(rd_kafka_t *kafka,
                                                 rd_kafka_topic_partition_list_t *assigned,
                                                 enum group_start start)
{
    rd_kafka_topic_partition_list_t *fresh = rd_kafka_topic_partition_list_new(assigned->cnt);
    int64_t deadline_us = clock_monotonic_us() + ALL_ANSWERS_US;
    bool is_known = assigned->cnt > 0 && !rd_kafka_committed(kafka, assigned, ANSWER_MS);

    for (int i = 0; i < assigned->cnt; i++) {
        rd_kafka_topic_partition_t *partition = &assigned->elems[i];

        if (!is_known || partition->err) {
            partition->offset = RD_KAFKA_OFFSET_INVALID;
        } else if (partition->offset < 0) {
            partition->offset = start_of(kafka, partition, start, deadline_us);
            if (partition->offset >= 0)
                rd_kafka_topic_partition_list_add(fresh, partition->topic, partition->partition)
                    ->offset = partition->offset;
        }
    }
    return fresh;
}

bool placement_check(rd_kafka_t *kafka, struct assignment *assignment, bool *is_complete)
{
    rd_kafka_topic_partition_list_t *list = assignment_list(assignment);
    bool is_known = !rd_kafka_committed(kafka, list, CHECK_MS);

    *is_complete = true;
    for (int i = 0; i < list->cnt && is_known; i++) {
        struct partition *partition = assignment_at(assignment, (size_t)i);

        if (list->elems[i].err)
            continue;
        bool has_gone = partition->is_committed && list->elems[i].offset < 0;

        partition->is_committed = list->elems[i].offset >= 0;
        if (has_gone) {
            partition->is_misplaced = partition->is_made_anew = true;
            *is_complete = false;
        }
    }
    rd_kafka_topic_partition_list_destroy(list);
    return is_known;
}

/* Where the group stands in @partition; -1: nowhere. False: no answer. */
static bool ask_position(rd_kafka_t *kafka, const struct partition *partition, int64_t *position)
{
    *position = partition->next;
    if (*position >= 0)
        return true;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *asked =
        rd_kafka_topic_partition_list_add(list, partition->topic, partition->id);
    bool is_known = !rd_kafka_committed(kafka, list, MEND_MS) && !asked->err;

    *position = asked->offset >= 0 ? asked->offset : -1;
    rd_kafka_topic_partition_list_destroy(list);
    return is_known;
}

static void tell(const struct partition *partition, const char *event, int64_t position,
                 int64_t low, int64_t high)
{
    log_warn(event, LOG_TEXT("topic", partition->topic), LOG_INT("partition", partition->id),
             LOG_INT("position", position), LOG_INT("earliest", low), LOG_INT("end", high));
}

static int64_t choose(const struct partition *partition, int64_t position, int64_t low,
                      int64_t high, enum group_start start, struct ledger *ledger)
{
    if (partition->is_made_anew) {
        tell(partition, "topic_made_anew", position, low, high);
        return low;
    }
    if (position < 0)
        return start == START_LATEST ? high : low;
    if (position < low) {
        tell(partition, "messages_expired", position, low, high);
        metrics_add(ledger->expired, (uint64_t)(low - position));
        return low;
    }
    if (position > high) {
        tell(partition, "position_behind_end", position, low, high);
        return low;
    }
    /* It was there all the time. What is not settled is read again. */
    return partition->settled >= 0 ? partition->settled : position;
}

static bool mend_one(rd_kafka_t *kafka, struct assignment *assignment, struct partition *partition,
                     enum group_start start, struct ledger *ledger)
{
    int64_t position, low, high;

    if (!ask_position(kafka, partition, &position) ||
        rd_kafka_query_watermark_offsets(kafka, partition->topic, partition->id, &low, &high,
                                         MEND_MS))
        return false;
    assignment_restart(assignment, partition,
                       choose(partition, position, low, high, start, ledger));
    return true;
}

bool placement_mend(rd_kafka_t *kafka, struct assignment *assignment, struct ledger *ledger,
                    enum group_start start)
{
    rd_kafka_topic_partition_list_t *placed = rd_kafka_topic_partition_list_new(1);
    int64_t deadline_us = clock_monotonic_us() + ALL_MENDED_US;
    bool is_complete = true;

    for (size_t i = 0; i < assignment_count(assignment); i++) {
        struct partition *partition = assignment_at(assignment, i);

        if (!partition->is_misplaced)
            continue;
        if (clock_monotonic_us() > deadline_us ||
            !mend_one(kafka, assignment, partition, start, ledger))
            is_complete = false;
        else
            rd_kafka_topic_partition_list_add(placed, partition->topic, partition->id)->offset =
                partition->next;
    }
    if (placed->cnt > 0) {
        /* librdkafka has stopped these partitions and starts them only with an assignment. Without
         * the commit it would store nothing below what was committed before. */
        rd_kafka_topic_partition_list_t *all = assignment_list(assignment);

        rd_kafka_assign(kafka, all);
        rd_kafka_commit(kafka, placed, 1);
        rd_kafka_topic_partition_list_destroy(all);
    }
    rd_kafka_topic_partition_list_destroy(placed);
    return is_complete;
}
