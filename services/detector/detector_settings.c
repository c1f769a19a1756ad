#include "detector/detector_settings.h"

#include "detector/ioc_hit.h"
#include "detector/source.h"

static const char *const ioc_failures[] = {"pass", "wait", "fire", NULL};

#define AT(member) .offset = offsetof(struct detector_settings, member)

const struct setting detector_settings_rows[] = {
    {"sources", SETTING_LIST, AT(sources), .rows = source_rows,
     .row_size = sizeof(struct source_settings), .maximum = 1000,
     .help = "Topics of logs, their format and what their fields are called. Of several that "
             "match a topic the first counts. None: topics.raw_logs in format auto."},
    {"default_rules", SETTING_BOOLEAN, AT(default_rules), .fallback = "true",
     .help = "Whether the built-in rules are loaded."},
    {"rules", SETTING_TEXT_LIST, AT(rules), .maximum = 1000,
     .help = "More rule files, or folders of them. A rule with the id of an earlier one replaces "
             "it. Read again on SIGHUP and when they change."},
    {"max_log_bytes", SETTING_SIZE, AT(max_log_bytes), .fallback = "1MiB", .minimum = 1024,
     .maximum = 64.0 * 1024 * 1024, .help = "A larger log goes to dead letters (too_large)."},
    {"max_payload_bytes", SETTING_SIZE, AT(detect.max_payload_bytes), .fallback = "8KiB",
     .minimum = 64, .maximum = 1024.0 * 1024, .help = "An event's payload is cut to this."},
    {"max_raw_bytes", SETTING_SIZE, AT(detect.max_raw_bytes), .fallback = "64KiB", .minimum = 0,
     .maximum = 1024.0 * 1024, .help = "An event's copy of the log is cut to this."},
    {"max_skew", SETTING_DURATION, AT(detect.max_skew_ms), .fallback = "5m", .minimum = 0,
     .maximum = 7.0 * 24 * 3600 * 1000,
     .help = "A log whose time is further ahead of its record's counts by the record's."},
    {"timing.threshold", SETTING_NUMBER, AT(detect.timing_threshold), .fallback = "0.5",
     .minimum = 0.1, .maximum = 1,
     .help = "Timing risk from which on an event's confidence is raised: 0.2 for the night, 0.1 "
             "for a weekend, 0.3 for more than 10 events from the address in 5 minutes."},
    {"reputation.low_ranges", SETTING_TEXT_LIST, AT(detect.low_reputation_ranges),
     .fallback = "185.220.100.0/24,45.95.168.0/24", .maximum = 10000, .check = detect_check_range,
     .help = "Addresses and ranges whose reputation is 0.1."},
    {"geo.databases", SETTING_TEXT_LIST, AT(geo_databases), .maximum = 16,
     .help = "Files in MaxMind's format (.mmdb): country or city, ASN, anonymous IP."},
    {"high_risk_countries", SETTING_TEXT_LIST, AT(detect.high_risk_countries), .maximum = 300,
     .check = detect_check_country,
     .help = "Countries, as KP (ISO 3166-1), whose addresses raise an event's confidence, as Tor "
             "exit nodes and anonymisers do where a database knows them."},
    {"event_fields", SETTING_TEXT_LIST, AT(detect.event_fields), .maximum = 64,
     .help = "Fields of the log that an event carries besides its own, by their path, as "
             "http.request.method."},
    {"ioc.enabled", SETTING_BOOLEAN, AT(ioc_enabled), .fallback = "true",
     .help = "Whether logs are held against the indicators that iocfeed keeps in Redis."},
    {"ioc.defanged", SETTING_BOOLEAN, AT(ioc_defanged), .fallback = "false",
     .help = "Whether evil[.]example and hxxp:// in logs are read as what they disguise."},
    {"ioc.cache_ttl", SETTING_DURATION, AT(ioc_cache_ttl_ms), .fallback = "10s", .minimum = 0,
     .maximum = 3600000, .help = "How long an answer of Redis about an indicator counts."},
    {"ioc.on_redis_failure", SETTING_CHOICE, AT(ioc_on_redis_failure), .fallback = "pass",
     .choices = ioc_failures,
     .help = "What may be an indicator while Redis cannot say so. pass: counted, no event. wait: "
             "nothing goes on until it can. fire: an event of confidence 0.5, marked enrichment: "
             "degraded; about one in a thousand clean addresses and names fires too. Ranges, which "
             "are in memory, fire in any case."},
    {"ioc.levels", SETTING_LIST, AT(ioc_levels), .rows = ioc_level_rows,
     .row_size = sizeof(struct ioc_level_settings), .maximum = 100,
     .help = "Threat levels of events that name an indicator: the first row that fits counts. "
             "None: CRITICAL for c2, botnet_cc and ransomware from 0.9, HIGH from 0.5; for others "
             "HIGH from 0.75, MEDIUM from 0.5, else LOW."},
    {"threads", SETTING_INTEGER, AT(threads), .fallback = "2", .minimum = 1, .maximum = 64,
     .help = "Threads that look through the logs of a batch together. All else is done by one."},
    {0},
};
