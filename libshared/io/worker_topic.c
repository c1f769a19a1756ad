#include "io/worker_topic.h"

#include <stdlib.h>

#include "io/chance.h"
#include "io/clock.h"
#include "io/refusal.h"

enum {
    BACKOFF_FIRST_MS = 50,
    BACKOFF_LIMIT_MS = 5000,
    STUCK_US = 5 * 1000 * 1000,
    STUCK_CHECK_MS = 200,
    WAITING_ENOUGH = 10000, /* batch.num.messages */
    WAITING_US = 50 * 1000, /* at least, of twice the last answer's time */
    WAITING_LIMIT_US = 1000 * 1000,
    GATHERING_US = 10 * 1000,
};

struct worker_topic *worker_topic_new(rd_kafka_t *kafka, const char *name,
                                      struct conditions *conditions, struct counter *produced)
{
    struct worker_topic *topic = mem_zero(sizeof(*topic));
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(kafka);
    AUTO_BUF condition = {0};

    rd_kafka_topic_conf_set_opaque(conf, topic);
    buf_addf(&condition, "output %s", name);
    topic->name = mem_copy_text(name);
    topic->condition = mem_copy_text(buf_string(&condition));
    topic->conditions = conditions;
    topic->patience = (struct patience){BACKOFF_FIRST_MS, BACKOFF_LIMIT_MS, 0};
    topic->handle = rd_kafka_topic_new(kafka, name, conf);
    topic->produced = produced;
    return topic;
}

void worker_topic_free(struct worker_topic *topic)
{
    rd_kafka_topic_destroy(topic->handle);
    free(topic->name);
    free(topic->condition);
    free(topic);
}

bool worker_topic_is_due(const struct worker_topic *topic, int64_t now_us, bool is_behind)
{
    if (!topic->waiting.first)
        return false;
    int64_t limit_us = topic->answer_us * 2, passed_us = now_us - topic->handed_us;

    if (limit_us < WAITING_US)
        limit_us = WAITING_US;
    else if (limit_us > WAITING_LIMIT_US)
        limit_us = WAITING_LIMIT_US;
    if (topic->waiting_count >= WAITING_ENOUGH || passed_us >= limit_us)
        return true;
    return topic->with_kafka == 0 && (!is_behind || passed_us >= GATHERING_US);
}

static void show_problem(struct worker_topic *topic, rd_kafka_resp_err_t code)
{
    char problem[400];

    refusal_describe(code, topic->name, problem, sizeof(problem));
    topic->has_problem = true;
    conditions_set(topic->conditions, topic->condition, problem);
}

static void postpone(struct worker_topic *topic)
{
    int64_t now_us = clock_monotonic_us();

    if (topic->due_us > now_us)
        return;
    topic->due_us = now_us + 1000 * patience_wait(&topic->patience, 0, chance_number());
}

void worker_topic_refused(struct worker_topic *topic, rd_kafka_resp_err_t code)
{
    show_problem(topic, code);
    postpone(topic);
}

void worker_topic_took(struct worker_topic *topic)
{
    patience_reset(&topic->patience);
    if (!topic->has_problem || topic->kept.first)
        return;
    topic->has_problem = false;
    conditions_set(topic->conditions, topic->condition, NULL);
}

void worker_topic_look_into(struct worker_topic *topic, rd_kafka_t *kafka)
{
    const struct rd_kafka_metadata *metadata;
    int64_t now_us = clock_monotonic_us();

    if (topic->with_kafka == 0 || now_us - topic->progress_us < STUCK_US)
        return;
    topic->progress_us = now_us;
    if (rd_kafka_metadata(kafka, 0, topic->handle, &metadata, STUCK_CHECK_MS))
        return; /* no broker: a condition of the consumer's */
    if (metadata->topic_cnt == 1 && metadata->topics[0].err)
        show_problem(topic, metadata->topics[0].err);
    rd_kafka_metadata_destroy(metadata);
}
