/* shared_settings: the sections of the settings file that all programs read. */
#pragma once

#include "base/settings.h"

enum value_format { FORMAT_JSON, FORMAT_AVRO };

struct kafka_settings {
    const char *bootstrap_servers;
    struct text_map properties; /* passed through to librdkafka as they are */
};

struct topic_settings {
    const char *detected_events;
    const char *correlated_alerts;
    const char *siem_deliveries;
    const char *iocs;
    const char *compliance_findings;
    const char *dead_letters;
    int format; /* enum value_format */
};

struct registry_settings {
    const char *url;
    const char *user;
    const char *password;
};

struct redis_settings {
    const char *host;
    int64_t port;
    const char *user;
    const char *password;
    int64_t database;
    int64_t timeout_ms; /* of connecting and of each round trip */
};

extern const struct setting shared_settings_kafka[];
extern const struct setting shared_settings_topics[];
extern const struct setting shared_settings_registry[];
extern const struct setting shared_settings_redis[];
