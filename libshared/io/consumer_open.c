/* consumer_open: joins the group, and leaves it. */
#include "io/consumer_parts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/topic_pattern.h"
#include "io/clock.h"
#include "io/reading_problem.h"

/* A member that does not poll holds up every rebalance of its group: patience is short. */
enum { PATIENCE_US = 10 * 1000 * 1000 };

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
    hide_topics(&consumer->settings, conf);
    rd_kafka_conf_set_opaque(conf, consumer);
    rd_kafka_conf_set_rebalance_cb(conf, consumer_on_rebalance);
    rd_kafka_conf_set_error_cb(conf, consumer_on_error);
    /* Where librdkafka knows another (2.4 on): that one takes partitions away one by one. */
    rd_kafka_conf_set(conf, "group.protocol", "classic", NULL, 0);
    consumer->patience_us = patience_of(conf);
    fetching_init(&consumer->fetching, conf);
    consumer->kafka = kafka_conf_client(RD_KAFKA_CONSUMER, conf, consumer->settings.kafka, err);
    if (!consumer->kafka)
        return -EINVAL;
    rd_kafka_poll_set_consumer(consumer->kafka);
    consumer->queue = rd_kafka_queue_get_consumer(consumer->kafka);
    return subscribe(consumer, err);
}

struct consumer *consumer_open(const struct consumer_settings *settings, struct error *err)
{
    rd_kafka_conf_t *conf =
        kafka_conf_consumer(settings->kafka, settings->group, settings->fetch, err);

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
