/* consumer_events: what a consumer hears besides messages: rebalances, errors, what comes in a
 * message's place. */
#include "io/consumer_parts.h"

#include "io/log.h"
#include "io/placement.h"
#include "io/reading_problem.h"

/* librdkafka's callbacks, inside a poll. */

static void on_assigned(struct consumer *consumer, rd_kafka_topic_partition_list_t *list)
{
    consumer->start = consumer->was_assigned ? START_EARLIEST : consumer->settings.start_at;

    rd_kafka_topic_partition_list_t *fresh =
        placement_begin(consumer->kafka, list, consumer->start);

    assignment_set(consumer->assignment, list);
    rd_kafka_assign(consumer->kafka, list);
    if (fresh->cnt > 0)
        rd_kafka_commit(consumer->kafka, fresh, 1);
    rd_kafka_topic_partition_list_destroy(fresh);
    if (consumer->is_paused)
        rd_kafka_pause_partitions(consumer->kafka, list);
    consumer->was_assigned = true;
    consumer->generation++;
    consumer->upsets++;
    conditions_set(consumer->settings.conditions, "group", NULL);
    log_info("assigned", LOG_INT("partitions", list->cnt));
}

static void on_revoked(struct consumer *consumer)
{
    size_t given_back;

    if (!rd_kafka_assignment_lost(consumer->kafka) && assignment_count(consumer->assignment) > 0)
        consumer->settings.leaving(consumer->settings.self);
    assignment_store(consumer->assignment, consumer->kafka, false);
    /* librdkafka keeps in mind that a partition was paused, also when it comes back with a later
     * assignment: nothing would ever be read from it. */
    assignment_resume(consumer->assignment, consumer->kafka);
    given_back = assignment_clear(consumer->assignment);
    ledger_settle(consumer->settings.ledger, LEDGER_GIVEN_BACK, given_back);
    rd_kafka_assign(consumer->kafka, NULL);
    consumer->was_revoked = true;
    consumer->generation++;
    consumer->upsets++;
    consumer->is_misplaced = false;
    log_info("revoked", LOG_INT("given_back", given_back));
}

void consumer_on_rebalance(rd_kafka_t *kafka, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct consumer *consumer = opaque;

    (void)kafka;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        on_assigned(consumer, list);
    else
        on_revoked(consumer);
    metrics_add(consumer->settings.ledger->rebalances, 1);
    metrics_set(consumer->settings.ledger->assigned,
                (double)assignment_count(consumer->assignment));
}

void consumer_on_error(rd_kafka_t *kafka, int code, const char *reason, void *opaque)
{
    struct consumer *consumer = opaque;
    char text[400];

    switch (code) {
    case RD_KAFKA_RESP_ERR__FATAL:
        rd_kafka_fatal_error(kafka, text, sizeof(text));
        if (!consumer->failure)
            consumer->failure = mem_copy_text(text);
        break;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__RESOLVE:
        consumer->has_no_broker = true;
        reading_problem_no_broker(consumer->settings.conditions, consumer->settings.kafka, reason);
        break;
    default:
        break; /* librdkafka logs it, and mends it */
    }
}

/* What comes in place of a message. */

static void log_event(struct consumer *consumer, const rd_kafka_message_t *event)
{
    uint64_t passed_over;

    if (log_limit(&consumer->event_limit, &passed_over))
        log_warn("kafka_event", LOG_TEXT("code", rd_kafka_err2name(event->err)),
                 LOG_TEXT("message", rd_kafka_message_errstr(event)),
                 LOG_INT("passed_over", passed_over));
}

void consumer_on_event(struct consumer *consumer, const rd_kafka_message_t *event)
{
    struct partition *partition = assignment_find(consumer->assignment, event);

    switch (event->err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        if (partition) {
            partition->is_misplaced = true;
            consumer->is_misplaced = true;
        }
        break;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        /* Where messages are passed over, they are not behind us. */
        if (partition && !partition->is_held && !partition->is_misplaced)
            partition->is_at_end = true;
        break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        if (reading_problem_topic(consumer->settings.conditions, event))
            assignment_note_problem(consumer->assignment, rd_kafka_topic_name(event->rkt));
        break;
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        reading_problem_group(consumer->settings.conditions, consumer->settings.group);
        break;
    default:
        log_event(consumer, event);
    }
}
