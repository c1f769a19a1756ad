#include "io/shared_settings.h"

#include <stdio.h>
#include <unistd.h>

#include "base/topic_pattern.h"
#include "io/kafka_conf.h"

static const char *const formats[] = {"json", "avro", NULL};
static const char *const redis_failures[] = {"degrade", "pause", NULL};
static const char *const group_starts[] = {"earliest", "latest", NULL};
static const char *const log_levels[] = {"debug", "info", "warn", "error", NULL};

#define AT(type, member) .offset = offsetof(struct type, member)

const struct setting shared_settings_kafka[] = {
    {"bootstrap_servers", SETTING_TEXT, AT(kafka_settings, bootstrap_servers),
     .fallback = "localhost:9092", .help = "Brokers to begin with, host:port, joined by commas."},
    {"properties", SETTING_TEXT_MAP, AT(kafka_settings, properties), .check = kafka_conf_check,
     .help = "Any librdkafka property, for TLS, SASL and tuning; wins over what Haechi would set."},
    {0},
};

const struct setting shared_settings_topics[] = {
    {"raw_logs", SETTING_TEXT_LIST, AT(topic_settings, raw_logs), .fallback = "raw-logs",
     .check = topic_pattern_check,
     .help = "Topics of logs, read in format auto where detector.sources is empty: names, or "
             "regexes that start with ^."},
    {"detected_events", SETTING_TEXT, AT(topic_settings, detected_events),
     .fallback = "detected-events", .check = topic_pattern_check_name,
     .help = "What the detector found."},
    {"correlated_alerts", SETTING_TEXT, AT(topic_settings, correlated_alerts),
     .fallback = "correlated-alerts", .check = topic_pattern_check_name,
     .help = "What the correlator made of it."},
    {"siem_deliveries", SETTING_TEXT, AT(topic_settings, siem_deliveries),
     .fallback = "siem-deliveries", .check = topic_pattern_check_name,
     .help = "Receipts of the alerts that SIEMs took."},
    {"iocs", SETTING_TEXT, AT(topic_settings, iocs), .fallback = "iocs",
     .check = topic_pattern_check_name, .help = "Indicators of compromise; a compacted topic."},
    {"compliance_findings", SETTING_TEXT, AT(topic_settings, compliance_findings),
     .fallback = "compliance-findings", .check = topic_pattern_check_name,
     .help = "Findings of the controls."},
    {"dead_letters", SETTING_TEXT, AT(topic_settings, dead_letters), .fallback = "dead-letters",
     .check = topic_pattern_check_name,
     .help = "What a worker had to refuse, whole, with the reason in its headers."},
    {"format", SETTING_CHOICE, AT(topic_settings, format), .fallback = "json", .choices = formats,
     .help = "How values are written. avro: Confluent framing where schema_registry.url is set, "
             "else Avro single-object encoding."},
    {0},
};

const struct setting shared_settings_registry[] = {
    {"url", SETTING_URL, AT(registry_settings, url),
     .help = "Confluent-compatible schema registry; none: values carry no schema id."},
    {"user", SETTING_TEXT, AT(registry_settings, user), .help = "For HTTP basic authentication."},
    {"password", SETTING_SECRET, AT(registry_settings, password), .help = "Of that user."},
    {"timeout", SETTING_DURATION, AT(registry_settings, timeout_ms), .fallback = "5s",
     .help = "Of one request.", .minimum = 100, .maximum = 60000},
    {0},
};

const struct setting shared_settings_redis[] = {
    {"host", SETTING_TEXT, AT(redis_settings, host), .fallback = "localhost",
     .help = "Name or address of the Redis server."},
    {"port", SETTING_INTEGER, AT(redis_settings, port), .fallback = "6379", .help = "Its port.",
     .minimum = 1, .maximum = 65535},
    {"user", SETTING_TEXT, AT(redis_settings, user), .help = "ACL user; none: the default user."},
    {"password", SETTING_SECRET, AT(redis_settings, password), .help = "Of that user."},
    {"database", SETTING_INTEGER, AT(redis_settings, database), .fallback = "0",
     .help = "Number of the database.", .minimum = 0, .maximum = 65535},
    {"timeout", SETTING_DURATION, AT(redis_settings, timeout_ms), .fallback = "1s",
     .help = "Of connecting and of each round trip.", .minimum = 10, .maximum = 60000},
    {"on_failure", SETTING_CHOICE, AT(redis_settings, on_failure), .fallback = "degrade",
     .choices = redis_failures,
     .help = "What the detector does while Redis is away. degrade: go on, events are marked "
             "enrichment: degraded. pause: wait, nothing is lost."},
    {"allow_eviction", SETTING_BOOLEAN, AT(redis_settings, allow_eviction), .fallback = "false",
     .help = "Whether the correlator works with a server whose maxmemory-policy is not noeviction: "
             "what it evicts are lost alerts."},
    {"wait_replicas", SETTING_INTEGER, AT(redis_settings, wait_replicas), .fallback = "0",
     .minimum = 0, .maximum = 10,
     .help =
         "Replicas that must have what the correlator wrote before it goes on: what a fail-over "
         "to one of them can lose. They are waited for as long as timeout."},
    {0},
};

void shared_settings_sections(struct shared_settings *into,
                              struct settings_section sections[SHARED_SETTINGS_SECTIONS])
{
    const struct settings_section all[SHARED_SETTINGS_SECTIONS] = {
        {"kafka", shared_settings_kafka, &into->kafka},
        {"topics", shared_settings_topics, &into->topics},
        {"schema_registry", shared_settings_registry, &into->registry},
        {"redis", shared_settings_redis, &into->redis},
        {"detector", NULL, NULL},
        {"correlator", NULL, NULL},
        {"forwarder", NULL, NULL},
        {"iocfeed", NULL, NULL},
        {"compliance", NULL, NULL},
    };

    for (size_t i = 0; i < SHARED_SETTINGS_SECTIONS; i++)
        sections[i] = all[i];
}

void shared_settings_worker(const char *service, int default_port, int default_batch,
                            struct shared_worker_rows *into)
{
    snprintf(into->group, sizeof(into->group), "haechi-%s", service);
    snprintf(into->port, sizeof(into->port), "%d", default_port);
    snprintf(into->batch, sizeof(into->batch), "%d", default_batch ? default_batch : 1000);

    const struct setting rows[COUNT_OF(into->rows)] = {
        {"start_at", SETTING_CHOICE, AT(worker_settings, start_at), .fallback = "earliest",
         .choices = group_starts, .help = "Where a group without a position begins to read."},
        {"group", SETTING_TEXT, AT(worker_settings, group), .fallback = into->group,
         .help = "The consumer group; workers with the same one share the partitions."},
        {"batch.max_messages", SETTING_INTEGER, AT(worker_settings, batch_max_messages),
         .fallback = into->batch, .minimum = 1, .maximum = 100000,
         .help = "Messages handled at once at most; a batch never waits to be filled."},
        {"shutdown.timeout", SETTING_DURATION, AT(worker_settings, shutdown_timeout_ms),
         .fallback = "25s", .minimum = 1000, .maximum = 3600000,
         .help = "From SIGTERM to the end: batch finished, output acknowledged, offsets "
                 "committed, group left. Kubernetes kills after 30s."},
        {"metrics.address", SETTING_TEXT, AT(worker_settings, metrics_address),
         .help = "Address that /healthz, /readyz and /metrics are served on; none: all."},
        {"metrics.port", SETTING_INTEGER, AT(worker_settings, metrics_port), .fallback = into->port,
         .minimum = 0, .maximum = 65535,
         .help = "Their port; 0: one that is free, said in the log."},
        {"log.level", SETTING_CHOICE, AT(worker_settings, log_level), .fallback = "info",
         .choices = log_levels, .help = "The least that is logged."},
        {0},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        into->rows[i] = rows[i];
}

const char *shared_settings_path(const char *option, settings_environment *environment)
{
    static const char usual[] = "/etc/haechi/haechi.yaml";

    if (option)
        return option;
    const char *named = environment("HAECHI_CONFIG");

    if (named && named[0])
        return named;
    return access(usual, F_OK) == 0 ? usual : NULL;
}
