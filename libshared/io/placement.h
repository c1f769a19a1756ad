/* placement: where partitions begin that have no position, or one that Kafka no longer has. */
#pragma once

#include <librdkafka/rdkafka.h>

#include "io/assignment.h"
#include "io/shared_settings.h"

/* Fills the offsets of a new assignment: the group's positions, else the start. Where brokers do
 * not answer in time librdkafka is left to find them. Returns those that had none (the caller
 * commits and destroys them). */
rd_kafka_topic_partition_list_t *placement_begin(rd_kafka_t *kafka,
                                                 rd_kafka_topic_partition_list_t *assigned,
                                                 enum group_start start);

/* Asks whether the group's positions are still there. Kafka forgets them when it deletes a topic,
 * and gives no other sign of that to who reads on in a new one of the same name that is as long
 * already: partitions whose position has gone are marked as misplaced. *@is_complete: none has
 * gone. False: no answer. */
bool placement_check(rd_kafka_t *kafka, struct assignment *assignment, bool *is_complete);

/* Mends partitions marked as misplaced: those whose position retention took go on at the earliest,
 * which is counted and logged; topics made anew are read from there too. False: brokers did not
 * answer; to be called again. */
bool placement_mend(rd_kafka_t *kafka, struct assignment *assignment, struct ledger *ledger,
                    enum group_start start);
