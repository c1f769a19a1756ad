/* broker: a Kafka broker inside a process (librdkafka's mock cluster), for the demo.
 *
 *   haechi-demo-broker ADDRESS_FILE TOPIC… -- TOPIC=LOG_FILE…
 *
 * Makes the topics, writes each line of the files as a record, then writes its address to
 * ADDRESS_FILE, whose appearing says that all is there, and serves until a signal ends it. It keeps
 * nothing on disk and at most 5 MiB a partition: for a look at Haechi, not for use.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PARTITIONS = 2, FLUSH_MS = 10000, LINE_LIMIT = 1 << 16 };

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "haechi-demo-broker: %s: %s\n", what, why);
    return 1;
}

static rd_kafka_t *client(const char *bootstrap)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];

    if (bootstrap && rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, why, sizeof(why)) !=
                         RD_KAFKA_CONF_OK)
        return NULL;
    return rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
}

static int send_line(rd_kafka_t *producer, const char *topic, char *line)
{
    size_t size = strcspn(line, "\n");

    if (size == 0)
        return 0;
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {.ptr = line, .size = size}},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(producer, parts, sizeof(parts) / sizeof(*parts));
    int result = error ? -1 : 0;

    rd_kafka_error_destroy(error);
    return result;
}

/* @pair: TOPIC=FILE. */
static int send_file(rd_kafka_t *producer, char *pair)
{
    static char line[LINE_LIMIT];
    char *path = strchr(pair, '=');

    if (!path)
        return fail(pair, "expected TOPIC=FILE");
    *path++ = '\0';
    FILE *file = fopen(path, "r");

    if (!file)
        return fail(path, "cannot be read");
    int result = 0;

    while (result == 0 && fgets(line, sizeof(line), file))
        result = send_line(producer, pair, line);
    fclose(file);
    return result < 0 ? fail(pair, "does not take a record") : 0;
}

static int publish(const char *path, const char *address)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return fail(path, "cannot be written");
    fprintf(file, "%s\n", address);
    return fclose(file) == 0 ? 0 : fail(path, "cannot be written");
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return fail("usage", "haechi-demo-broker ADDRESS_FILE TOPIC… -- TOPIC=LOG_FILE…");
    rd_kafka_t *host = client(NULL);
    rd_kafka_mock_cluster_t *cluster = host ? rd_kafka_mock_cluster_new(host, 1) : NULL;

    if (!cluster)
        return fail("start", "librdkafka gives no mock cluster");
    int i = 2;

    for (; i < argc && strcmp(argv[i], "--") != 0; i++)
        rd_kafka_mock_topic_create(cluster, argv[i], PARTITIONS, 1);

    const char *address = rd_kafka_mock_cluster_bootstraps(cluster);
    rd_kafka_t *producer = client(address);

    for (i++; i < argc; i++) {
        if (send_file(producer, argv[i]) != 0)
            return 1;
    }
    if (rd_kafka_flush(producer, FLUSH_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail("logs", "were not taken in time");
    if (publish(argv[1], address) != 0)
        return 1;
    pause(); /* a signal ends the process, and all with it */
    return 0;
}
