#include "io/consumer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/kafka_conf.h"
#include "io/log.h"

enum {
    ASK_MS = 5000,                 /* for positions and watermarks */
    REVOKE_WAIT_US = 3 * 1000000,  /* for acknowledgements when partitions are taken away */
    PAUSE_AFTER_US = 60 * 1000000, /* a fifth of max.poll.interval.ms' default */
};

struct consumer {
    rd_kafka_t *kafka;
    rd_kafka_queue_t *queue;
    struct consumer_options options;
    struct settlement *settlement;
    struct producer *producer;
    struct metrics *metrics;
    struct conditions *conditions;
    struct counter *expired, *rebalances;
    struct gauge *assigned;
    int64_t polled_us;
    bool is_paused;
    bool has_rebalanced; /* since the batch began */
};

static struct settlement_partition *partition_of(struct consumer *c,
                                                 const rd_kafka_topic_partition_t *item)
{
    return settlement_partition(c->settlement, item->topic, item->partition);
}

/* Where to begin. */

static void count_expired(struct consumer *c, const char *topic, int32_t partition, int64_t from,
                          int64_t low)
{
    metrics_add(c->expired, (uint64_t)(low - from));
    log_error("position_expired", LOG_TEXT("topic", topic), LOG_INT("partition", partition),
              LOG_INT("position", from), LOG_INT("earliest", low),
              LOG_INT("messages_lost_to_retention", low - from));
}

/* @position: committed, or negative for none. */
static int64_t beginning(struct consumer *c, const char *topic, int32_t partition, int64_t position)
{
    int64_t low = 0, high = 0;

    if (rd_kafka_query_watermark_offsets(c->kafka, topic, partition, &low, &high, ASK_MS) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return position; /* the fetch will tell, and reset() is asked again */
    if (position < 0)
        return c->options.start_at == START_LATEST ? high : low;
    if (position < low) {
        count_expired(c, topic, partition, position, low);
        return low;
    }
    if (position > high) {
        log_warn("topic_made_anew", LOG_TEXT("topic", topic), LOG_INT("partition", partition),
                 LOG_INT("position", position), LOG_INT("end", high));
        return low;
    }
    return position;
}

static void seek(struct consumer *c, struct settlement_partition *partition)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

    rd_kafka_topic_partition_list_add(list, partition->topic, partition->id)->offset =
        partition->position;
    rd_kafka_error_t *error = rd_kafka_seek_partitions(c->kafka, list, ASK_MS);

    if (error)
        rd_kafka_error_destroy(error);
    rd_kafka_topic_partition_list_destroy(list);
}

/* The broker does not have the position that was asked for. */
static void reset(struct consumer *c, const rd_kafka_message_t *message)
{
    struct settlement_partition *partition =
        settlement_partition(c->settlement, rd_kafka_topic_name(message->rkt), message->partition);

    if (!partition->is_assigned)
        return;
    int64_t from = beginning(c, partition->topic, partition->id, partition->position);

    settlement_revoke(c->settlement, partition);
    settlement_assign(partition, from < 0 ? 0 : from);
    seek(c, partition);
}

/* Rebalancing. */

static void assign(struct consumer *c, rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_resp_err_t code = rd_kafka_committed(c->kafka, list, ASK_MS);

    for (int i = 0; i < list->cnt; i++) {
        rd_kafka_topic_partition_t *item = &list->elems[i];

        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            item->offset = RD_KAFKA_OFFSET_INVALID;
            settlement_assign(partition_of(c, item), 0);
            continue;
        }
        item->offset = beginning(c, item->topic, item->partition, item->offset);
        settlement_assign(partition_of(c, item), item->offset < 0 ? 0 : item->offset);
    }
    rd_kafka_assign(c->kafka, list);
    /* Committed at once, so that retention can be told from a first start. */
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && list->cnt > 0)
        rd_kafka_offsets_store(c->kafka, list);
    metrics_set(c->assigned, list->cnt);
    conditions_set(c->conditions, "assigned", NULL);
    log_info("partitions_assigned", LOG_INT("count", list->cnt));
}

static void hide_lag(struct consumer *c, const struct settlement_partition *partition);

static void revoke(struct consumer *c, rd_kafka_topic_partition_list_t *list)
{
    int64_t until = clock_monotonic_us() + REVOKE_WAIT_US;

    while (producer_in_flight(c->producer) > 0 && clock_monotonic_us() < until)
        producer_poll(c->producer, 10);
    consumer_store(c);
    for (int i = 0; i < list->cnt; i++) {
        struct settlement_partition *partition = partition_of(c, &list->elems[i]);

        settlement_revoke(c->settlement, partition);
        hide_lag(c, partition);
    }
    rd_kafka_assign(c->kafka, NULL); /* commits what is stored */
    metrics_set(c->assigned, 0);
    log_info("partitions_revoked", LOG_INT("count", list->cnt));
}

static void on_rebalance(rd_kafka_t *kafka, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct consumer *c = opaque;

    (void)kafka;
    c->has_rebalanced = true;
    c->is_paused = false;
    metrics_add(c->rebalances, 1);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        assign(c, list);
    else
        revoke(c, list);
}

static void on_error(rd_kafka_t *kafka, int code, const char *reason, void *opaque)
{
    struct consumer *c = opaque;

    (void)kafka;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        conditions_set(c->conditions, "kafka", reason);
}

/* Reading. */

static void note_error(struct consumer *c, const rd_kafka_message_t *message)
{
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
        reset(c, message);
        return;
    }
    char problem[300];

    snprintf(problem, sizeof(problem), "%s", rd_kafka_message_errstr(message));
    conditions_set(c->conditions, "input", problem);
}

/* Keeps the messages of @taken that are to be handled; gives back how many. */
static size_t sift(struct consumer *c, rd_kafka_message_t **taken, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (taken[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
            settlement_partition(c->settlement, rd_kafka_topic_name(taken[i]->rkt),
                                 taken[i]->partition)
                ->is_assigned) {
            taken[kept++] = taken[i];
            continue;
        }
        if (taken[i]->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            note_error(c, taken[i]);
        rd_kafka_message_destroy(taken[i]);
    }
    return kept;
}

size_t consumer_take(struct consumer *c, rd_kafka_message_t **messages, size_t limit,
                     int timeout_ms)
{
    c->has_rebalanced = false;
    messages[0] = rd_kafka_consumer_poll(c->kafka, timeout_ms);
    c->polled_us = clock_monotonic_us();
    if (!messages[0])
        return 0;
    c->has_rebalanced = false;
    size_t count = 1;
    ssize_t more =
        limit > 1 ? rd_kafka_consume_batch_queue(c->queue, 0, messages + 1, limit - 1) : 0;

    if (more > 0)
        count += (size_t)more;
    /* A rebalance amid the taking: nobody has handled these, whoever has the partitions now reads
     * them again from the stored position. */
    if (c->has_rebalanced) {
        for (size_t i = 0; i < count; i++)
            rd_kafka_message_destroy(messages[i]);
        return 0;
    }
    count = sift(c, messages, count);
    if (count > 0) {
        conditions_set(c->conditions, "kafka", NULL);
        conditions_set(c->conditions, "input", NULL);
    }
    return count;
}

static rd_kafka_topic_partition_list_t *assigned(struct consumer *c)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);

    for (size_t i = 0; i < settlement_partition_count(c->settlement); i++) {
        struct settlement_partition *partition = settlement_partition_at(c->settlement, i);

        if (partition->is_assigned)
            rd_kafka_topic_partition_list_add(list, partition->topic, partition->id)->offset =
                partition->position;
    }
    return list;
}

void consumer_stall(struct consumer *c)
{
    if (!c->is_paused && clock_monotonic_us() - c->polled_us < PAUSE_AFTER_US)
        return;
    if (!c->is_paused) {
        rd_kafka_topic_partition_list_t *list = assigned(c);

        rd_kafka_pause_partitions(c->kafka, list);
        rd_kafka_topic_partition_list_destroy(list);
        c->is_paused = true;
        log_warn("paused", LOG_TEXT("reason", "a batch cannot be finished"));
    }
    rd_kafka_message_t *message = rd_kafka_consumer_poll(c->kafka, 0);

    c->polled_us = clock_monotonic_us();
    /* What comes in spite of the pause is read again after the seek of consumer_resume(). */
    if (message)
        rd_kafka_message_destroy(message);
}

void consumer_resume(struct consumer *c)
{
    if (!c->is_paused)
        return;
    rd_kafka_topic_partition_list_t *list = assigned(c);

    rd_kafka_resume_partitions(c->kafka, list);
    rd_kafka_error_t *error = rd_kafka_seek_partitions(c->kafka, list, ASK_MS);

    if (error)
        rd_kafka_error_destroy(error);
    rd_kafka_topic_partition_list_destroy(list);
    c->is_paused = false;
    log_info("resumed");
}

void consumer_store(struct consumer *c)
{
    rd_kafka_topic_partition_list_t *list = NULL;

    for (size_t i = 0; i < settlement_partition_count(c->settlement); i++) {
        struct settlement_partition *partition = settlement_partition_at(c->settlement, i);

        if (!partition->is_assigned || !settlement_advance(c->settlement, partition))
            continue;
        if (!list)
            list = rd_kafka_topic_partition_list_new(8);
        rd_kafka_topic_partition_list_add(list, partition->topic, partition->id)->offset =
            partition->settled;
    }
    if (!list)
        return;
    rd_kafka_offsets_store(c->kafka, list);
    rd_kafka_topic_partition_list_destroy(list);
}

/* Figures. */

static struct gauge *lag_gauge(struct consumer *c, const struct settlement_partition *partition)
{
    char name[80], id[16];

    snprintf(name, sizeof(name), "haechi_%s_consumer_lag", c->options.service);
    snprintf(id, sizeof(id), "%d", (int)partition->id);
    return metrics_gauge(c->metrics, name, "Messages behind the end of the partition.",
                         LABEL("topic", partition->topic), LABEL("partition", id));
}

static void hide_lag(struct consumer *c, const struct settlement_partition *partition)
{
    metrics_hide(lag_gauge(c, partition));
}

void consumer_measure(struct consumer *c)
{
    for (size_t i = 0; i < settlement_partition_count(c->settlement); i++) {
        struct settlement_partition *partition = settlement_partition_at(c->settlement, i);
        int64_t low, high;

        if (partition->is_assigned &&
            rd_kafka_get_watermark_offsets(c->kafka, partition->topic, partition->id, &low,
                                           &high) == RD_KAFKA_RESP_ERR_NO_ERROR &&
            high >= partition->settled)
            metrics_set(lag_gauge(c, partition), (double)(high - partition->settled));
    }
}

static void make_metrics(struct consumer *c)
{
    char name[80];

    snprintf(name, sizeof(name), "haechi_%s_expired_total", c->options.service);
    c->expired =
        metrics_counter(c->metrics, name, "Messages that retention took before they were read.",
                        NO_LABEL, NO_LABEL);
    snprintf(name, sizeof(name), "haechi_%s_rebalances_total", c->options.service);
    c->rebalances =
        metrics_counter(c->metrics, name, "Assignments and revocations.", NO_LABEL, NO_LABEL);
    snprintf(name, sizeof(name), "haechi_%s_assigned_partitions", c->options.service);
    c->assigned =
        metrics_gauge(c->metrics, name, "Partitions that this worker reads.", NO_LABEL, NO_LABEL);
}

/* Regexes of the settings must not match what this installation writes. */
static int hide_outputs(rd_kafka_conf_t *conf, const struct topic_settings *topics,
                        struct error *err)
{
    const char *const names[] = {topics->detected_events,     topics->correlated_alerts,
                                 topics->siem_deliveries,     topics->iocs,
                                 topics->compliance_findings, topics->dead_letters};
    AUTO_BUF list = {0};
    char why[200];

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        buf_add_string(&list, i ? ",^" : "^");
        for (const char *at = names[i]; *at; at++)
            buf_addf(&list, *at == '.' ? "\\%c" : "%c", *at);
        buf_add_byte(&list, '$');
    }
    if (rd_kafka_conf_set(conf, "topic.blacklist", buf_string(&list), why, sizeof(why)) !=
        RD_KAFKA_CONF_OK)
        return error_set(err, -EINVAL, "topics: %s", why);
    return 0;
}

struct consumer *consumer_open(const struct consumer_options *options,
                               struct settlement *settlement, struct producer *producer,
                               struct metrics *metrics, struct conditions *conditions,
                               struct error *err)
{
    rd_kafka_conf_t *conf = kafka_conf_consumer(options->kafka, options->group, err);
    char why[300];

    if (!conf)
        return NULL;
    struct consumer *c = mem_zero(sizeof(*c));

    c->options = *options;
    c->settlement = settlement;
    c->producer = producer;
    c->metrics = metrics;
    c->conditions = conditions;
    rd_kafka_conf_set_opaque(conf, c);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_error_cb(conf, on_error);
    if (hide_outputs(conf, options->topics, err) < 0) {
        rd_kafka_conf_destroy(conf);
        free(c);
        return NULL;
    }
    c->kafka = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
    if (!c->kafka) {
        rd_kafka_conf_destroy(conf);
        free(c);
        error_set(err, -EINVAL, "kafka: %s", why);
        return NULL;
    }
    rd_kafka_poll_set_consumer(c->kafka);
    c->queue = rd_kafka_queue_get_consumer(c->kafka);
    make_metrics(c);
    conditions_set(conditions, "assigned", "waiting for the group to assign partitions");
    return c;
}

int consumer_subscribe(struct consumer *c, const rd_kafka_topic_partition_list_t *topics,
                       struct error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_subscribe(c->kafka, topics);

    c->polled_us = clock_monotonic_us();
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return error_set(err, -EINVAL, "kafka: the topics cannot be subscribed to: %s",
                         rd_kafka_err2str(code));
    return 0;
}

void consumer_close(struct consumer *c)
{
    if (!c)
        return;
    rd_kafka_queue_destroy(c->queue);
    rd_kafka_consumer_close(c->kafka);
    rd_kafka_destroy(c->kafka);
    free(c);
}
