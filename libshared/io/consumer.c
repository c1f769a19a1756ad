#include "io/consumer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/topic_pattern.h"
#include "io/assignment.h"
#include "io/clock.h"
#include "io/fetching.h"
#include "io/kafka_conf.h"
#include "io/log.h"
#include "io/placement.h"
#include "io/reading_problem.h"

enum {
    /* A member that does not poll holds up every rebalance of its group: patience is short. */
    PATIENCE_US = 10 * 1000 * 1000,
    BROKER_CHECK_MS = 100,
    STORE_US = 1000 * 1000,
    CHECK_US = 5 * 1000 * 1000, /* of positions, while there is nothing to store */
};

struct consumer {
    struct consumer_settings settings;
    rd_kafka_t *kafka;
    rd_kafka_queue_t *queue;
    struct assignment *assignment;
    struct fetching fetching;
    int64_t polled_us;
    int64_t patience_us;
    int64_t store_us, check_us; /* not before */
    enum group_start start;     /* of partitions without a position */
    bool was_assigned;          /* once at least */
    bool was_revoked;           /* since consumer_collect() last looked */
    bool is_paused;
    uint64_t generation; /* of assignments */
    uint64_t upsets;     /* consumer_upsets() */
    bool is_misplaced;   /* some partition has no usable position */
    bool has_no_broker;  /* the condition is set */
    char *cluster;
    char *failure;
    struct log_limit event_limit;
};

/* Assignment: in librdkafka's callback, inside a poll. */

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

static void resume_all(struct consumer *consumer)
{
    rd_kafka_topic_partition_list_t *list = assignment_list(consumer->assignment);

    rd_kafka_resume_partitions(consumer->kafka, list);
    rd_kafka_topic_partition_list_destroy(list);
}

static void on_revoked(struct consumer *consumer)
{
    size_t given_back;

    if (!rd_kafka_assignment_lost(consumer->kafka) && assignment_count(consumer->assignment) > 0)
        consumer->settings.leaving(consumer->settings.self);
    assignment_store(consumer->assignment, consumer->kafka, false);
    /* librdkafka keeps in mind that a partition was paused, also when it comes back with a later
     * assignment: nothing would ever be read from it. */
    resume_all(consumer);
    given_back = assignment_clear(consumer->assignment);
    ledger_settle(consumer->settings.ledger, LEDGER_GIVEN_BACK, given_back);
    rd_kafka_assign(consumer->kafka, NULL);
    consumer->was_revoked = true;
    consumer->generation++;
    consumer->upsets++;
    consumer->is_misplaced = false;
    log_info("revoked", LOG_INT("given_back", given_back));
}

static void on_rebalance(rd_kafka_t *kafka, rd_kafka_resp_err_t code,
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

static void on_error(rd_kafka_t *kafka, int code, const char *reason, void *opaque)
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

static void on_event(struct consumer *consumer, const rd_kafka_message_t *event)
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

/* Polling. */

/* Keeps messages of our partitions and hears the rest; returns how many are left. */
static size_t sort_out(struct consumer *consumer, rd_kafka_message_t **messages, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (messages[i]->err)
            on_event(consumer, messages[i]);
        struct partition *partition =
            messages[i]->err ? NULL : assignment_find(consumer->assignment, messages[i]);

        if (!partition || partition->is_misplaced || partition->is_held) {
            rd_kafka_message_destroy(messages[i]);
        } else {
            partition->is_at_end = false;
            messages[kept++] = messages[i];
        }
    }
    return kept;
}

static void replace(struct consumer *consumer)
{
    consumer->upsets++;
    consumer->is_misplaced = !placement_mend(consumer->kafka, consumer->assignment,
                                             consumer->settings.ledger, consumer->start);
}

static void seek(struct consumer *consumer)
{
    if (!assignment_seek(consumer->assignment, consumer->kafka))
        consumer->is_misplaced = true;
}

/* Messages were taken before a revocation that came among them: some may belong to an assignment
 * that is gone, and there is no telling which. None has been handled. What is assigned now begins
 * again where it began. */
static size_t drop_all(struct consumer *consumer, rd_kafka_message_t **messages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rd_kafka_message_destroy(messages[i]);
    consumer_rewind(consumer);
    return 0;
}

static void resume(struct consumer *consumer)
{
    resume_all(consumer);
    assignment_pause_held(consumer->assignment, consumer->kafka);
    /* librdkafka 2.0 forgets what the application had already taken in batches. */
    seek(consumer);
    consumer->is_paused = false;
    metrics_set(consumer->settings.ledger->paused, 0);
    log_info("resumed");
}

size_t consumer_collect(struct consumer *consumer, rd_kafka_message_t **messages, size_t limit,
                        int timeout_ms)
{
    if (consumer->is_paused)
        resume(consumer);
    messages[0] = rd_kafka_consumer_poll(consumer->kafka, timeout_ms);
    consumer->polled_us = clock_monotonic_us();
    if (!messages[0])
        return 0;
    consumer->was_revoked = false;

    size_t count = 1;

    if (limit > 1) {
        ssize_t more = rd_kafka_consume_batch_queue(consumer->queue, 0, messages + 1, limit - 1);

        count += more > 0 ? (size_t)more : 0;
    }
    fetching_watch(&consumer->fetching, consumer->kafka, consumer->queue, messages, count);
    if (consumer->was_revoked)
        return drop_all(consumer, messages, count);
    return sort_out(consumer, messages, count);
}

uint64_t consumer_upsets(const struct consumer *consumer)
{
    return consumer->upsets;
}

void consumer_rewind(struct consumer *consumer)
{
    if (assignment_count(consumer->assignment) > 0)
        seek(consumer);
}

struct span *consumer_take(struct consumer *consumer, const rd_kafka_message_t *last, size_t count)
{
    struct partition *partition = assignment_find(consumer->assignment, last);

    partition->next = last->offset + 1;
    return settlement_add(partition->settlement, partition->next, count);
}

void consumer_hold(struct consumer *consumer, const rd_kafka_message_t *message)
{
    struct partition *partition = assignment_find(consumer->assignment, message);

    if (partition)
        assignment_hold(partition, consumer->kafka, message->offset);
}

void consumer_let_go(struct consumer *consumer, struct partition *partition)
{
    assignment_let_go(partition, consumer->kafka);
    consumer->is_misplaced |= partition->is_misplaced;
}

struct assignment *consumer_assignment(struct consumer *consumer, uint64_t *generation)
{
    *generation = consumer->generation;
    return consumer->assignment;
}

void consumer_store(struct consumer *consumer)
{
    int64_t now_us = clock_monotonic_us();
    bool is_complete;

    if (now_us < consumer->store_us)
        return;
    consumer->store_us = now_us + STORE_US;
    if (assignment_count(consumer->assignment) == 0 ||
        (now_us < consumer->check_us && !assignment_has_moved(consumer->assignment)))
        return;
    if (!placement_check(consumer->kafka, consumer->assignment, &is_complete))
        return; /* what cannot be asked cannot be committed either */
    consumer->check_us = now_us + CHECK_US;
    consumer->is_misplaced |= !is_complete;
    assignment_store(consumer->assignment, consumer->kafka, true);
}

static void pause_reading(struct consumer *consumer)
{
    rd_kafka_topic_partition_list_t *list = assignment_list(consumer->assignment);

    rd_kafka_pause_partitions(consumer->kafka, list);
    rd_kafka_topic_partition_list_destroy(list);
    consumer->is_paused = true;
    metrics_set(consumer->settings.ledger->paused, 1);
    log_info("paused", LOG_TEXT("reason", "a stall: polling goes on, so that the group keeps us"));
}

void consumer_stall(struct consumer *consumer)
{
    if (!consumer->is_paused && clock_monotonic_us() - consumer->polled_us < consumer->patience_us)
        return;
    if (!consumer->is_paused)
        pause_reading(consumer);
    rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer->kafka, 0);

    consumer->polled_us = clock_monotonic_us();
    if (!message)
        return;
    if (message->err)
        on_event(consumer, message);
    else
        assignment_note_skipped(consumer->assignment, message); /* resume() seeks back to it */
    rd_kafka_message_destroy(message);
}

/* Now and then. */

static void check_broker(struct consumer *consumer)
{
    const struct rd_kafka_metadata *metadata;

    if (!consumer->has_no_broker ||
        rd_kafka_metadata(consumer->kafka, 0, NULL, &metadata, BROKER_CHECK_MS))
        return;
    rd_kafka_metadata_destroy(metadata);
    consumer->has_no_broker = false;
    conditions_set(consumer->settings.conditions, "kafka", NULL);
}

void consumer_tick(struct consumer *consumer)
{
    check_broker(consumer);
    if (consumer->is_misplaced)
        replace(consumer);
    if (assignment_problems_are_gone(consumer->assignment, consumer->kafka))
        conditions_set(consumer->settings.conditions, "sources", NULL);
    assignment_show_lag(consumer->assignment, consumer->kafka);
}

bool consumer_reaches_kafka(const struct consumer *consumer)
{
    return !consumer->has_no_broker;
}

struct text consumer_cluster(struct consumer *consumer)
{
    if (!consumer->cluster) {
        char *id = rd_kafka_clusterid(consumer->kafka, 0);

        if (id)
            consumer->cluster = mem_copy_text(id);
        rd_kafka_mem_free(consumer->kafka, id);
    }
    return text_of(consumer->cluster);
}

const char *consumer_failure(const struct consumer *consumer)
{
    return consumer->failure;
}

/* Opening and closing. */

/* librdkafka behaves as if these topics were not there, also where a source names one of them
 * itself: then it is off the list. */
static void hide_topics(const struct consumer_settings *settings, rd_kafka_conf_t *conf)
{
    static const char *const internal[] = {"__consumer_offsets", "__transaction_state",
                                           "__share_group_state"};
    AUTO_BUF list = {0};

    topic_pattern_add_all(&list, settings->written.items, settings->written.count,
                          &settings->topics);
    topic_pattern_add_all(&list, internal, COUNT_OF(internal), &settings->topics);
    rd_kafka_conf_set(conf, "topic.blacklist", buf_string(&list), NULL, 0);
}

static int subscribe(struct consumer *consumer, struct error *err)
{
    const struct text_list *topics = &consumer->settings.topics;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)topics->count);

    for (size_t i = 0; i < topics->count; i++)
        rd_kafka_topic_partition_list_add(list, topics->items[i], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->kafka, list);

    rd_kafka_topic_partition_list_destroy(list);
    if (code)
        return error_set(err, -EINVAL, "topics of sources: %s", rd_kafka_err2str(code));
    return 0;
}

/* A third of max.poll.interval.ms, if that is less than PATIENCE_US. */
static int64_t patience_of(const rd_kafka_conf_t *conf)
{
    char value[32] = "";
    size_t size = sizeof(value);
    int64_t interval_ms = 0;

    if (rd_kafka_conf_get(conf, "max.poll.interval.ms", value, &size) != RD_KAFKA_CONF_OK ||
        !text_to_integer(text_of(value), &interval_ms) || interval_ms * 1000 / 3 > PATIENCE_US)
        return PATIENCE_US;
    return interval_ms * 1000 / 3;
}

static int connect_client(struct consumer *consumer, rd_kafka_conf_t *conf, struct error *err)
{
    char text[300];

    hide_topics(&consumer->settings, conf);
    rd_kafka_conf_set_opaque(conf, consumer);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_error_cb(conf, on_error);
    /* Where librdkafka knows another (2.4 on): that one takes partitions away one by one. */
    rd_kafka_conf_set(conf, "group.protocol", "classic", NULL, 0);
    consumer->patience_us = patience_of(conf);
    fetching_init(&consumer->fetching, conf);
    consumer->kafka = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
    if (!consumer->kafka) {
        rd_kafka_conf_destroy(conf);
        return error_set(err, -EINVAL, "kafka: %s", text);
    }
    rd_kafka_poll_set_consumer(consumer->kafka);
    consumer->queue = rd_kafka_queue_get_consumer(consumer->kafka);
    return subscribe(consumer, err);
}

struct consumer *consumer_open(const struct consumer_settings *settings, struct error *err)
{
    rd_kafka_conf_t *conf = settings->is_slim
                                ? kafka_conf_slim(settings->kafka, settings->group, err)
                                : kafka_conf_consumer(settings->kafka, settings->group, err);

    if (!conf)
        return NULL;
    struct consumer *consumer = mem_zero(sizeof(*consumer));

    consumer->settings = *settings;
    consumer->assignment = assignment_new(settings->ledger);
    consumer->polled_us = clock_monotonic_us();
    conditions_set(settings->conditions, "group", "no partitions assigned yet");
    consumer->has_no_broker = true;
    reading_problem_no_broker(settings->conditions, settings->kafka, "not connected yet");
    if (connect_client(consumer, conf, err) < 0) {
        consumer_close(consumer);
        return NULL;
    }
    return consumer;
}

void consumer_close(struct consumer *consumer)
{
    if (!consumer)
        return;
    if (consumer->queue)
        rd_kafka_queue_destroy(consumer->queue);
    if (consumer->kafka) {
        rd_kafka_consumer_close(consumer->kafka);
        rd_kafka_destroy(consumer->kafka);
    }
    ledger_settle(consumer->settings.ledger, LEDGER_GIVEN_BACK,
                  assignment_clear(consumer->assignment));
    assignment_free(consumer->assignment);
    free(consumer->cluster);
    free(consumer->failure);
    free(consumer);
}
