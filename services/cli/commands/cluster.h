/* cluster: a Kafka cluster as a command sees it: the settings file, a handle, and errors in words.
 *
 * librdkafka's own log lines are kept off the terminal; the last problem that it told of
 * ("connection refused") becomes part of our sentence instead.
 */
#pragma once

#include <librdkafka/rdkafka.h>

#include "base/error.h"
#include "cli/commands/settings_file.h"
#include "cli/options.h"
#include "io/shared_settings.h"

/* The options that all commands with a cluster have. */
struct cluster_options {
    const char *config;
    const char *bootstrap_servers;
};
/* Rows for them, @type being the command's config with a member `cluster`. */
#define CLUSTER_OPTIONS(type)                                                              \
    OPTION_ROW(OPTION_TEXT, "config", 'c', type, cluster.config, "FILE", CONFIG_HELP),     \
        OPTION_ROW(OPTION_TEXT, "bootstrap-servers", 'b', type, cluster.bootstrap_servers, \
                   "HOST:PORT,…", "brokers to contact first, instead of those in the settings")

struct cluster {
    struct shared_settings shared;
    struct settings *settings; /* owned: the texts of shared */
    rd_kafka_t *kafka;
    char trouble[256]; /* what librdkafka last complained of */
};

/* Reads the settings and makes a handle; nothing is asked of the network yet. The handle's errors
 * point into @cluster, which must stay where it is. On failure what is there is closed by
 * cluster_close() too. */
int cluster_open(struct cluster *cluster, const struct cluster_options *options,
                 rd_kafka_type_t type, struct error *err);
void cluster_close(struct cluster *cluster);

/* All topics there are, without making any. The caller destroys *@metadata. */
int cluster_metadata(struct cluster *cluster, const struct rd_kafka_metadata **metadata,
                     struct error *err);
const rd_kafka_metadata_topic_t *cluster_topic(const struct rd_kafka_metadata *metadata,
                                               const char *name); /* NULL: there is none */

/* @err of a request that failed with @code, with the last trouble behind it. Returns -EIO. */
int cluster_fail(struct cluster *cluster, const char *what, rd_kafka_resp_err_t code,
                 struct error *err);
