#include "source_unit.h"

#include "base/buf.h"
#include "detector/ioc_hit.h"

static void levels_follow_threat_and_confidence(void **state)
{
    static const struct {
        const char *threat;
        double confidence;
        enum threat_level want;
    } rows[] = {
        {"c2", 1, LEVEL_CRITICAL},       {"c2", 0.9, LEVEL_CRITICAL},
        {"c2", 0.89, LEVEL_HIGH},        {"c2", 0.5, LEVEL_HIGH},
        {"c2", 0.49, LEVEL_LOW},         {"botnet_cc", 0.9, LEVEL_CRITICAL},
        {"ransomware", 0.6, LEVEL_HIGH}, {"phishing", 1, LEVEL_HIGH},
        {"phishing", 0.75, LEVEL_HIGH},  {"phishing", 0.74, LEVEL_MEDIUM},
        {"", 0.5, LEVEL_MEDIUM},         {"", 0, LEVEL_LOW},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum threat_level got = ioc_level_of(NULL, text_of(rows[i].threat), rows[i].confidence);

        if (got != rows[i].want)
            fail_msg("%s %g: %d instead of %d", rows[i].threat, rows[i].confidence, (int)got,
                     (int)rows[i].want);
    }
}

static void the_first_row_of_the_settings_that_fits_counts(void **state)
{
    static const struct ioc_level_settings own[] = {
        {"phishing", 0.9, LEVEL_CRITICAL}, {NULL, 0.5, LEVEL_MEDIUM}, {"c2", 0, LEVEL_HIGH}};
    struct ioc_level_settings rows[COUNT_OF(own)];
    const struct setting_list list = {rows, COUNT_OF(rows)}, none = {NULL, 0};

    (void)state;
    memcpy(rows, own, sizeof(own));
    assert_int_equal(ioc_level_of(&list, TEXT("phishing"), 0.95), LEVEL_CRITICAL);
    assert_int_equal(ioc_level_of(&list, TEXT("c2"), 0.95), LEVEL_MEDIUM);
    assert_int_equal(ioc_level_of(&list, TEXT("c2"), 0.4), LEVEL_HIGH);
    assert_int_equal(ioc_level_of(&list, TEXT("spam"), 0.4), LEVEL_LOW);
    assert_int_equal(ioc_level_of(&none, TEXT("c2"), 0.95), LEVEL_CRITICAL);
}

/* The event of @value, listed with @ports, in @log. */
static struct event event_of(struct text log, enum ioc_type type, const char *value,
                             const char *ports, struct arena *arena)
{
    static const struct source_settings settings = {
        .format = SOURCE_AUTO, .tenant = "acme", .timezone = "UTC"};
    static const struct detect_settings detect = {
        .max_payload_bytes = 64, .max_raw_bytes = 1000, .max_skew_ms = 300000};
    static const struct setting_list levels = {NULL, 0};
    const struct detect_origin origin = unit_origin();
    struct error err = {0};
    AUTO(source) source = source_new(&settings, &err);
    size_t at = text_find(log, text_of(value));
    const struct ioc_hit hit = {.type = type,
                                .value = text_of(value),
                                .seen = text_slice(log, at, at + strlen(value)),
                                .brief = {.confidence = 0.9,
                                          .reputation = 0.1,
                                          .first_seen = RECORD_NULL,
                                          .last_seen = 1767225600000,
                                          .valid_until = RECORD_NULL,
                                          .ports = text_of(ports),
                                          .threat_type = TEXT("c2"),
                                          .feeds = TEXT("urlhaus,ours,+3")},
                                .is_certain = true};
    struct detection detection = {0};
    struct entry entry;

    if (source_parse(source, log, UNIT_KAFKA_MS, arena, &entry, &err) < 0)
        fail_msg("%s", err.text);
    ioc_hit_fill(&detection, &hit, log, source, &entry, &origin, &detect, &levels, arena);
    return detection.event;
}

static struct text joined(const struct record_texts *texts, struct arena *arena)
{
    AUTO_BUF all = {0};

    for (size_t i = 0; i < texts->count; i++)
        buf_addf(&all, "%s%.*s", i ? " " : "", TEXT_ARG(texts->items[i]));
    return arena_copy(arena, buf_text(&all));
}

static void an_event_says_what_is_known_of_the_indicator(void **state)
{
    const struct text log = TEXT("{\"message\":\"to evil.example\",\"client_ip\":\"8.8.8.8\","
                                 "\"@timestamp\":\"2026-01-30T15:00:00Z\"}");
    AUTO(arena) arena = arena_new(4096);
    struct event event = event_of(log, IOC_DOMAIN, "evil.example", "", arena);

    (void)state;
    unit_text("type", event.event_type, "threat_intel.domain");
    unit_text("rule", event.rule_id, "threat_intel.domain:evil.example");
    unit_text("payload", event.payload, "to evil.example");
    unit_text("source", event.source_ip, "8.8.8.8");
    unit_text("tenant", event.tenant, "acme");
    unit_text("why", joined(&event.indicators, arena),
              "ioc:domain:evil.example ioc_threat:c2 ioc_feed:urlhaus ioc_feed:ours ioc_feed:+3 "
              "ioc_last_seen:2026-01-01T00:00:00.000Z");
    assert_int_equal(event.threat_level, LEVEL_CRITICAL);
    assert_true(event.confidence_score == 0.9);
    assert_int_equal(event.context.enrichment, ENRICHMENT_FULL);
    assert_int_equal(event.timestamp, UNIT_KAFKA_MS);
}

/* Listed with ports and met without one of them: the address may have other tenants. */
static void a_port_is_a_condition(void **state)
{
    static const struct {
        const char *log, *ports, *port; /* with which it was met; empty: half the confidence */
    } rows[] = {
        {"to 203.0.113.9:443", "443,8443", "443"},
        {"to 203.0.113.9:8443 ok", "443,8443", "8443"},
        {"to 203.0.113.9:80", "443,8443", ""},
        {"to 203.0.113.9:4433", "443", ""},
        {"to 203.0.113.9", "443", ""},
        {"{\"dst_ip\":\"203.0.113.9\",\"dst_port\":443}", "443", "443"},
        {"{\"dst_ip\":\"203.0.113.9\",\"dst_port\":\"443\"}", "443", "443"},
        {"{\"dst_ip\":\"203.0.113.9\",\"src_port\":443,\"dst_port\":80}", "443", ""},
        {"{\"src_ip\":\"203.0.113.9\",\"src_port\":443,\"dst_port\":80}", "443", "443"},
        {"{\"src_ip\":\"203.0.113.9\",\"dst_ip\":\"8.8.8.8\",\"dst_port\":443}", "443", ""},
        {"{\"destination\":{\"ip\":\"203.0.113.9\",\"port\":443}}", "443", "443"},
        {"{\"peer\":\"203.0.113.9\",\"dest_port\":443}", "443", "443"},
        {"{\"dst_ip\":\"203.0.113.9:80\",\"dst_port\":443}", "443", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(arena) arena = arena_new(4096);
        struct event event =
            event_of(text_of(rows[i].log), IOC_IP, "203.0.113.9", rows[i].ports, arena);
        struct text last = event.indicators.items[event.indicators.count - 1];
        bool has_port = text_starts(last, TEXT("ioc_port:"));
        double want = rows[i].port[0] ? 0.9 : 0.45;

        if (event.confidence_score < want - 1e-9 || event.confidence_score > want + 1e-9)
            fail_msg("%s: confidence %g", rows[i].log, event.confidence_score);
        if (event.threat_level != (rows[i].port[0] ? LEVEL_CRITICAL : LEVEL_LOW))
            fail_msg("%s: level %d", rows[i].log, (int)event.threat_level);
        unit_text(rows[i].log, has_port ? text_slice(last, 9, last.size) : TEXT(""), rows[i].port);
    }
}

UNIT_MAIN(cmocka_unit_test(levels_follow_threat_and_confidence),
          cmocka_unit_test(the_first_row_of_the_settings_that_fits_counts),
          cmocka_unit_test(an_event_says_what_is_known_of_the_indicator),
          cmocka_unit_test(a_port_is_a_condition))
