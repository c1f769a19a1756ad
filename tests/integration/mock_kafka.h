/* mock_kafka: librdkafka's mock cluster in this process, and a client of its own to look at it.
 *
 * What it is not (engineering facts of librdkafka 2.0): it keeps 5 MiB a partition, its first join
 * of a group takes 3 s, it has no admin requests and does not tell transactions apart. */
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "unit.h"

struct mock_kafka {
    rd_kafka_t *client; /* a producer */
    rd_kafka_mock_cluster_t *cluster;
    const char *bootstrap;
};

static inline rd_kafka_t *mock_kafka_client(rd_kafka_type_t type, const char *const *properties)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];

    for (; *properties; properties += 2) {
        if (rd_kafka_conf_set(conf, properties[0], properties[1], why, sizeof(why)))
            fail_msg("%s: %s", properties[0], why);
    }
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof(why));

    if (!client)
        fail_msg("%s", why);
    return client;
}

static inline void mock_kafka_start(struct mock_kafka *mock)
{
    const char *const none[] = {NULL};
    rd_kafka_t *host = mock_kafka_client(RD_KAFKA_PRODUCER, none);

    mock->cluster = rd_kafka_mock_cluster_new(host, 1);
    mock->bootstrap = rd_kafka_mock_cluster_bootstraps(mock->cluster);

    const char *const properties[] = {"bootstrap.servers", mock->bootstrap, "linger.ms", "5",
                                      "compression.codec", "zstd",          NULL};

    mock->client = mock_kafka_client(RD_KAFKA_PRODUCER, properties);
}

static inline void mock_kafka_stop(struct mock_kafka *mock)
{
    rd_kafka_t *host = rd_kafka_mock_cluster_handle(mock->cluster);

    rd_kafka_destroy(mock->client);
    rd_kafka_mock_cluster_destroy(mock->cluster);
    rd_kafka_destroy(host);
}

/* 0, or why @value was not taken. */
static inline rd_kafka_resp_err_t mock_kafka_try(struct mock_kafka *mock, const char *topic,
                                                 const char *value)
{
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
         .u.mem = {.ptr = (void *)(uintptr_t)value, .size = strlen(value)}},
        {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {.name = "origin", .val = "test", .size = 4}},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(mock->client, parts, COUNT_OF(parts));
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);

    rd_kafka_error_destroy(error);
    return code;
}

static inline void mock_kafka_send(struct mock_kafka *mock, const char *topic, const char *value)
{
    rd_kafka_resp_err_t code;

    do {
        code = mock_kafka_try(mock, topic, value);
        rd_kafka_poll(mock->client, code ? 10 : 0);
    } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
    assert_int_equal(code, 0);
}

static inline void mock_kafka_flush(struct mock_kafka *mock)
{
    assert_int_equal(rd_kafka_flush(mock->client, UNIT_LIMIT_MS), 0);
}

/* A reader of all of @topic (one partition), from its start. */
static inline rd_kafka_t *mock_kafka_reader(struct mock_kafka *mock, const char *topic)
{
    const char *const properties[] = {"bootstrap.servers",
                                      mock->bootstrap,
                                      "group.id",
                                      "looker",
                                      "enable.auto.commit",
                                      "false",
                                      "fetch.wait.max.ms",
                                      "20",
                                      "auto.offset.reset",
                                      "earliest",
                                      NULL};
    rd_kafka_t *client = mock_kafka_client(RD_KAFKA_CONSUMER, properties);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

    rd_kafka_poll_set_consumer(client);
    rd_kafka_topic_partition_list_add(list, topic, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    assert_int_equal(rd_kafka_assign(client, list), 0);
    rd_kafka_topic_partition_list_destroy(list);
    return client;
}

static inline void mock_kafka_reader_close(rd_kafka_t *reader)
{
    rd_kafka_consumer_close(reader);
    rd_kafka_destroy(reader);
}

/* Sum of the group's positions in @partitions partitions of @topic. */
static inline int64_t mock_kafka_committed(struct mock_kafka *mock, const char *group,
                                           const char *topic, int partitions)
{
    const char *const properties[] = {"bootstrap.servers", mock->bootstrap, "group.id", group,
                                      NULL};
    rd_kafka_t *client = mock_kafka_client(RD_KAFKA_CONSUMER, properties);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    int64_t sum = 0;

    for (int i = 0; i < partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic, i);
    assert_int_equal(rd_kafka_committed(client, list, UNIT_LIMIT_MS), 0);
    for (int i = 0; i < partitions; i++)
        sum += list->elems[i].offset > 0 ? list->elems[i].offset : 0;
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
    return sum;
}
