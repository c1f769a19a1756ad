/* shared_settings: the sections of the settings file that all programs read, and the keys that
 * every worker's own section begins with.
 *
 * A worker loads   sections of shared_settings_sections()
 *                + {"detector", its shared_settings_worker() rows, &worker_settings}
 *                + {"detector", the service's rows, config}
 * where sections of one name are one section of the file (settings.h).
 */
#pragma once

#include "base/settings.h"

enum value_format { FORMAT_JSON, FORMAT_AVRO };

struct kafka_settings {
    const char *bootstrap_servers;
    struct text_map properties; /* passed through to librdkafka as they are */
};

struct topic_settings {
    struct text_list raw_logs; /* what the detector reads when it has no sources */
    const char *detected_events;
    const char *correlated_alerts;
    const char *siem_deliveries;
    const char *iocs;
    const char *compliance_findings;
    const char *dead_letters;
    int format; /* enum value_format */
};

struct registry_settings {
    const char *url; /* NULL: no registry */
    const char *user;
    const char *password;
    int64_t timeout_ms; /* of one request */
};

enum redis_failure { REDIS_DEGRADE, REDIS_PAUSE };

struct redis_settings {
    const char *host;
    int64_t port;
    const char *user;
    const char *password;
    int64_t database;
    int64_t timeout_ms; /* of connecting and of each round trip */
    int on_failure;     /* enum redis_failure: what the detector does while Redis is away */
    bool allow_eviction;
    int64_t wait_replicas; /* 0: none */
};

extern const struct setting shared_settings_kafka[];
extern const struct setting shared_settings_topics[];
extern const struct setting shared_settings_registry[];
extern const struct setting shared_settings_redis[];

/* What every program reads. */
struct shared_settings {
    struct kafka_settings kafka;
    struct topic_settings topics;
    struct registry_settings registry;
    struct redis_settings redis;
};

/* kafka, topics, schema_registry, redis into @into; the services' sections are known by name and
 * passed over, unless the caller adds one of its own behind these. */
enum { SHARED_SETTINGS_SECTIONS = 9 };
void shared_settings_sections(struct shared_settings *into,
                              struct settings_section sections[SHARED_SETTINGS_SECTIONS]);

enum group_start { START_EARLIEST, START_LATEST };

/* What worker_main() itself takes from the section of its service. */
struct worker_settings {
    const char *group; /* the consumer group */
    int start_at;      /* enum group_start: of a group without offsets */
    int64_t batch_max_messages;
    int64_t shutdown_timeout_ms;
    const char *metrics_address; /* NULL: all */
    int64_t metrics_port;        /* 0: one that is free */
    int log_level;               /* enum log_level */
};

/* Their rows, with the defaults of one service (group "haechi-<service>", its port). @into must
 * stay where it is while the rows are used. */
struct shared_worker_rows {
    struct setting rows[8];
    char group[64];
    char port[8];
    char batch[8];
};
/* The first is about a consumer of one's own: a worker with lanes, each of which says it for
 * itself, begins behind it. The first three are about any consumer: a daemon begins behind them. */
enum { SHARED_SETTINGS_ALONE_ROWS = 1, SHARED_SETTINGS_CONSUMER_ROWS = 3 };
/* @default_batch of batch.max_messages, 0: 1000. */
void shared_settings_worker(const char *service, int default_port, int default_batch,
                            struct shared_worker_rows *into);

/* The settings file of a program: @option (of --config; NULL: not given), else HAECHI_CONFIG, else
 * /etc/haechi/haechi.yaml if there is one, else NULL: everything has its default. */
const char *shared_settings_path(const char *option, settings_environment *environment);
