#include "cli/commands/follow.h"

#include <errno.h>
#include <stdlib.h>

#include "base/moment.h"
#include "io/clock.h"

enum { ANSWER_MS = 10000 };

/* "15m", "2h", "1d" ago. */
static bool parse_ago(struct text t, int64_t now_ms, int64_t *at_ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    int64_t count = 0;

    if (t.size < 2 || !text_to_integer(text_slice(t, 0, t.size - 1), &count) || count > 100000)
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (t.bytes[t.size - 1] == units[i].unit) {
            *at_ms = now_ms - count * units[i].ms;
            return true;
        }
    }
    return false;
}

static bool parse_time(struct text t, int64_t *at_ms)
{
    struct moment moment;

    if (parse_ago(t, clock_now_ms(), at_ms))
        return true;
    if (!moment_parse_rfc3339(t, NULL, &moment))
        return false;
    *at_ms = moment.ms;
    return true;
}

int follow_parse_from(const char *option, const char *word, enum follow_from fallback,
                      enum follow_from *from, int64_t *at_ms, struct error *err)
{
    struct text t = text_of(word);

    if (!word)
        *from = fallback;
    else if (text_is(t, "earliest"))
        *from = FOLLOW_EARLIEST;
    else if (text_is(t, "latest"))
        *from = FOLLOW_LATEST;
    else if (parse_time(t, at_ms))
        *from = FOLLOW_TIME;
    else
        return error_set(err, -EINVAL,
                         "--%s is '%.60s'; it may be earliest, latest, a time as "
                         "2026-01-31T13:55:36Z, or how long ago, as 15m, 2h, 1d",
                         option, word);
    return 0;
}

struct follow {
    struct cluster *cluster; /* borrowed */
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue;
    int partitions;
    bool *is_started; /* by partition */
    bool *has_ended;
    int ended;
    bool to_end;
};

static int count_partitions(struct cluster *cluster, const char *topic, struct error *err)
{
    const struct rd_kafka_metadata *metadata = NULL;

    if (cluster_metadata(cluster, &metadata, err) < 0)
        return -EIO;
    const rd_kafka_metadata_topic_t *there = cluster_topic(metadata, topic);
    int count = there ? there->partition_cnt : 0;

    rd_kafka_metadata_destroy(metadata);
    if (count == 0)
        return error_set(
            err, -ENOENT,
            "there is no topic '%.100s' at %.100s; haechi topics create makes those of "
            "Haechi",
            topic, cluster->shared.kafka.bootstrap_servers);
    return count;
}

/* The offsets of a time, in @offsets by partition. */
static int find_time(struct follow *follow, int64_t from_ms, int64_t *offsets, struct error *err)
{
    const char *topic = rd_kafka_topic_name(follow->topic);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(follow->partitions);

    for (int i = 0; i < follow->partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = from_ms;
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(follow->cluster->kafka, list, ANSWER_MS);

    for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        code = list->elems[i].err;
        offsets[list->elems[i].partition] = list->elems[i].offset;
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return cluster_fail(follow->cluster, "cannot find the offsets of that time", code, err);
    return 0;
}

static int start(struct follow *follow, enum follow_from from, int64_t from_ms, struct error *err)
{
    int64_t *offsets = mem_zero((size_t)follow->partitions * sizeof(*offsets));
    int result = 0;

    for (int i = 0; i < follow->partitions; i++)
        offsets[i] = from == FOLLOW_EARLIEST ? RD_KAFKA_OFFSET_BEGINNING : RD_KAFKA_OFFSET_END;
    if (from == FOLLOW_TIME)
        result = find_time(follow, from_ms, offsets, err);
    for (int i = 0; i < follow->partitions && result == 0; i++) {
        follow->is_started[i] =
            rd_kafka_consume_start_queue(follow->topic, i, offsets[i], follow->queue) == 0;
        if (!follow->is_started[i])
            result =
                cluster_fail(follow->cluster, "cannot read the topic", rd_kafka_last_error(), err);
    }
    free(offsets);
    return result;
}

struct follow *follow_open(struct cluster *cluster, const char *topic, enum follow_from from,
                           int64_t from_ms, bool to_end, struct error *err)
{
    int partitions = count_partitions(cluster, topic, err);

    if (partitions < 0)
        return NULL;
    struct follow *follow = mem_zero(sizeof(*follow));

    follow->cluster = cluster;
    follow->partitions = partitions;
    follow->is_started = mem_zero((size_t)partitions * sizeof(*follow->is_started));
    follow->has_ended = mem_zero((size_t)partitions * sizeof(*follow->has_ended));
    follow->to_end = to_end;
    follow->topic = rd_kafka_topic_new(cluster->kafka, topic, NULL);
    follow->queue = rd_kafka_queue_new(cluster->kafka);
    if (start(follow, from, from_ms, err) == 0)
        return follow;
    follow_close(follow);
    return NULL;
}

void follow_close(struct follow *follow)
{
    if (!follow)
        return;
    for (int i = 0; i < follow->partitions; i++) {
        if (follow->is_started[i])
            rd_kafka_consume_stop(follow->topic, i);
    }
    rd_kafka_queue_destroy(follow->queue);
    rd_kafka_topic_destroy(follow->topic);
    free(follow->is_started);
    free(follow->has_ended);
    free(follow);
}

static enum follow_result note_end(struct follow *follow, int32_t partition)
{
    if (!follow->has_ended[partition]) {
        follow->has_ended[partition] = true;
        follow->ended++;
    }
    return follow->to_end && follow->ended == follow->partitions ? FOLLOW_END : FOLLOW_NOTHING;
}

static bool will_not_pass(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        return true;
    default:
        return false;
    }
}

enum follow_result follow_next(struct follow *follow, int timeout_ms, rd_kafka_message_t **message,
                               struct error *err)
{
    rd_kafka_message_t *got = rd_kafka_consume_queue(follow->queue, timeout_ms);
    enum follow_result result = FOLLOW_NOTHING;

    rd_kafka_poll(follow->cluster->kafka, 0);
    if (!got)
        return FOLLOW_NOTHING;
    if (got->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        *message = got;
        return FOLLOW_MESSAGE;
    }
    if (got->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        result = note_end(follow, got->partition);
    } else if (will_not_pass(got->err)) {
        cluster_fail(follow->cluster, "cannot read the topic", got->err, err);
        result = FOLLOW_FAILED;
    }
    rd_kafka_message_destroy(got);
    return result;
}
