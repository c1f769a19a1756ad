#include "cli/commands/cluster.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mistakes.h"
#include "cli/commands/settings_file.h"
#include "io/kafka_conf.h"
#include "io/topic_roles.h"

enum { ANSWER_MS = 10000 };

static void keep_trouble(rd_kafka_t *kafka, int code, const char *reason, void *self)
{
    struct cluster *cluster = self;

    (void)kafka;
    /* "all brokers are down" says less than why the last one was. */
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !cluster->trouble[0])
        snprintf(cluster->trouble, sizeof(cluster->trouble), "%s", reason);
}

static void keep_quiet(const rd_kafka_t *kafka, int level, const char *facility, const char *text)
{
    (void)kafka, (void)level, (void)facility, (void)text;
}

int cluster_open(struct cluster *cluster, const struct cluster_options *options,
                 rd_kafka_type_t type, struct error *err)
{
    struct settings_section sections[SHARED_SETTINGS_SECTIONS];
    char reason[256];
    AUTO_BUF mistakes = {0};

    *cluster = (struct cluster){0};
    shared_settings_sections(&cluster->shared, sections);
    cluster->settings =
        settings_file_load(options->config, sections, SHARED_SETTINGS_SECTIONS, err);
    if (!cluster->settings)
        return -EINVAL;
    topic_roles_check(cluster->settings, &cluster->shared.topics, &mistakes);
    if (mistakes.size > 0) {
        mistakes_first(&mistakes, err);
        return -EINVAL;
    }
    if (options->bootstrap_servers)
        cluster->shared.kafka.bootstrap_servers = options->bootstrap_servers;

    rd_kafka_conf_t *conf = kafka_conf_plain(&cluster->shared.kafka, err);

    if (!conf)
        return -EINVAL;
    if (type == RD_KAFKA_CONSUMER && rd_kafka_conf_set(conf, "enable.partition.eof", "true", reason,
                                                       sizeof(reason)) != RD_KAFKA_CONF_OK) {
        rd_kafka_conf_destroy(conf);
        return error_set(err, -EINVAL, "kafka: %s", reason);
    }
    rd_kafka_conf_set_opaque(conf, cluster);
    rd_kafka_conf_set_error_cb(conf, keep_trouble);
    rd_kafka_conf_set_log_cb(conf, keep_quiet);
    cluster->kafka = kafka_conf_client(type, conf, &cluster->shared.kafka, err);
    return cluster->kafka ? 0 : -EINVAL;
}

void cluster_close(struct cluster *cluster)
{
    if (cluster->kafka)
        rd_kafka_destroy(cluster->kafka);
    settings_free(cluster->settings);
    *cluster = (struct cluster){0};
}

int cluster_fail(struct cluster *cluster, const char *what, rd_kafka_resp_err_t code,
                 struct error *err)
{
    rd_kafka_poll(cluster->kafka, 0); /* lets error callbacks run */
    return error_set(err, -EIO, "%s at %.100s: %s%s%s", what,
                     cluster->shared.kafka.bootstrap_servers, rd_kafka_err2str(code),
                     cluster->trouble[0] ? "; " : "", cluster->trouble);
}

int cluster_metadata(struct cluster *cluster, const struct rd_kafka_metadata **metadata,
                     struct error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_metadata(cluster->kafka, 1, NULL, metadata, ANSWER_MS);

    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return cluster_fail(cluster, "no answer from Kafka", code, err);
    return 0;
}

const rd_kafka_metadata_topic_t *cluster_topic(const struct rd_kafka_metadata *metadata,
                                               const char *name)
{
    for (int i = 0; i < metadata->topic_cnt; i++) {
        if (strcmp(metadata->topics[i].topic, name) == 0)
            return &metadata->topics[i];
    }
    return NULL;
}
