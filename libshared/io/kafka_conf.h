/* kafka_conf: the properties that Haechi's Kafka clients run with.
 *
 * What the settings pass through (kafka.properties) wins over what Haechi would choose, except
 * where delivery depends on it: those are refused by name.
 */
#pragma once

#include <librdkafka/rdkafka.h>

#include "base/error.h"
#include "io/shared_settings.h"

/* Checks a pair of kafka.properties, as settings do (settings.h): does librdkafka take it, and is
 * it the user's to set? */
int kafka_conf_check(const char *name, const char *value, struct error *err);

/* Brokers and kafka.properties only: for tools. All of these give NULL with @err (CONFIG) for a
 * property that librdkafka does not take or that is not the user's to set; the caller hands the
 * result to kafka_conf_client() or destroys it. librdkafka's own log goes to log.h. */
rd_kafka_conf_t *kafka_conf_plain(const struct kafka_settings *settings, struct error *err);

enum kafka_fetch {
    KAFKA_FETCH_MUCH,
    KAFKA_FETCH_IN_TURN, /* little of each partition, so that none comes far ahead of the others */
    KAFKA_FETCH_SLIM,    /* little ahead, for one consumer of many in a process */
};

/* A client with @conf, which is taken over. NULL with @err, which shows the value of a property
 * that librdkafka names: it does not say which file it cannot read. */
rd_kafka_t *kafka_conf_client(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                              const struct kafka_settings *settings, struct error *err);
/* Could one be made? Reads the files that @conf names, which is taken over, and connects to
 * nothing. @conf NULL: no, as @err says already. */
int kafka_conf_try(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                   const struct kafka_settings *settings, struct error *err);

/* A group consumer whose offsets are stored by hand and committed each second. */
rd_kafka_conf_t *kafka_conf_consumer(const struct kafka_settings *settings, const char *group,
                                     enum kafka_fetch fetch, struct error *err);

/* An idempotent producer that waits for its broker for ever. */
rd_kafka_conf_t *kafka_conf_producer(const struct kafka_settings *settings, struct error *err);
