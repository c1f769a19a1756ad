#include "source_unit.h"

#include <math.h>
#include <stdlib.h>

#include "base/record_json.h"
#include "detector/detect.h"
#include "detector/detector_settings.h"
#include "detector/notice.h"

static const char rules[] = "category: web_attacks\n"
                            "rules:\n"
                            "  - id: sqli\n"
                            "    title: SQL injection\n"
                            "    threat_level: CRITICAL\n"
                            "    confidence: 0.9\n"
                            "    attack: sql_injection\n"
                            "    max_per_minute: 10\n"
                            "    tags: [attack.t1190, 'pci_dss:6.4.2']\n"
                            "    patterns: ['(?i)union\\s+select']\n"
                            "  - id: quiet\n"
                            "    threat_level: LOW\n"
                            "    confidence: 0.25\n"
                            "    mode: shadow\n"
                            "    patterns: ['quiet']\n"
                            "  - id: login\n"
                            "    threat_level: MEDIUM\n"
                            "    confidence: 0.7\n"
                            "    patterns: ['Failed password for (?<user>\\w+) from "
                            "(?<source_ip>\\S+) port']\n";

struct fixture {
    struct arena *arena;
    struct ruleset *rules;
    struct engine *engine;
    struct engine_scratch *scratch;
    struct source *source;
    struct source_settings source_settings;
    struct detect_settings settings;
    struct detect *detect;
    struct entry entry;
    struct detection *detections;
};

static int begin(void **state)
{
    static const char *ranges[] = {"185.220.100.0/24"}, *countries[] = {"KP"};
    static const char *wanted[] = {"http.method", "nothing"};
    struct fixture *f = mem_zero(sizeof(*f));
    struct error err = {0};

    f->arena = arena_new(65536);
    f->rules = ruleset_new();
    if (ruleset_add_bytes(f->rules, "test.yaml", text_of(rules), &err) < 0)
        fail_msg("%s", err.text);
    f->engine = engine_new(f->rules, &err);
    if (!f->engine)
        fail_msg("%s", err.text);
    f->scratch = engine_scratch_new(f->engine);
    f->source_settings =
        (struct source_settings){.format = SOURCE_JSON, .tenant = "acme", .timezone = "UTC"};
    f->source = source_new(&f->source_settings, &err);
    f->settings = (struct detect_settings){.max_payload_bytes = 64,
                                           .max_raw_bytes = 1000,
                                           .max_skew_ms = 300000,
                                           .timing_threshold = 0.5,
                                           .low_reputation_ranges = {ranges, 1},
                                           .high_risk_countries = {countries, 1},
                                           .event_fields = {wanted, COUNT_OF(wanted)}};
    f->detect = detect_new(&f->settings, &err);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    detect_free(f->detect);
    source_free(f->source);
    engine_scratch_free(f->scratch);
    engine_free(f->engine);
    ruleset_free(f->rules);
    arena_free(f->arena);
    free(f);
    return 0;
}

/* Matches one log and finishes its only event. */
static struct event *find(struct fixture *f, const char *log, const struct detect_lookups *lookups,
                          int64_t recent)
{
    const struct detect_origin origin = unit_origin();
    struct error err = {0};

    arena_reset(f->arena, 0);
    if (source_parse(f->source, text_of(log), UNIT_KAFKA_MS, f->arena, &f->entry, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(detect_match(f->detect, f->engine, f->scratch, f->source, &f->entry, &origin,
                                  f->arena, &f->detections),
                     1);
    struct event *event = &f->detections[0].event;

    event->context.recent_events = recent;
    detect_finish(f->detect, lookups, event, f->arena);
    return event;
}

static void an_event_says_what_where_and_why(void **state)
{
    struct fixture *f = *state;
    static const char log[] =
        "{\"@timestamp\":\"2026-01-30T15:00:00+00:00\",\"message\":\"GET /?q=1 UNION SELECT 2\","
        "\"client_ip\":\"8.8.8.8\",\"server_ip\":\"10.0.0.1\",\"user\":\"eve\",\"host\":\"web1\","
        "\"user_agent\":\"Mozilla/5.0 (X11)\",\"http\":{\"method\":\"GET\"}}";
    const struct event *event = find(f, log, NULL, 3);
    AUTO_BUF json = {0};

    unit_text("type", event->event_type, "web_attacks.sql_injection");
    unit_text("rule", event->rule_id, "web_attacks.sqli");
    unit_text("title", event->rule_title, "SQL injection");
    unit_text("payload", event->payload, "GET /?q=1 UNION SELECT 2");
    unit_text("raw", event->raw_log, log);
    unit_text("source", event->source_ip, "8.8.8.8");
    unit_text("target", event->target_ip, "10.0.0.1");
    unit_text("user", event->user, "eve");
    unit_text("host", event->host, "web1");
    unit_text("tenant", event->tenant, "acme");
    unit_text("tag", event->tags.items[1], "pci_dss:6.4.2");
    assert_int_equal(event->indicators.count, 1);
    unit_text("why", event->indicators.items[0], "(?i)union\\s+select");
    /* MD5 of cluster logs 3 42 1769785200000 0 web_attacks.sqli, joined by NUL */
    unit_text("id", event->event_id, "99026a038589b988b8adfe5300fb0164");
    /* printf '2026-01-30T15:00:00+00:00sql_injectionGET /?q=1 UNION SELECT 2' | md5sum */
    unit_text("fingerprint", event->fingerprint, "57c63de8dfea2f98");
    assert_int_equal(event->threat_level, LEVEL_CRITICAL);
    assert_int_equal(event->mode, MODE_ALERT);
    assert_int_equal(event->timestamp, UNIT_KAFKA_MS);
    assert_int_equal(event->event_time, UNIT_KAFKA_MS);
    assert_int_equal(event->detected_at, UNIT_KAFKA_MS + 5);
    assert_int_equal(event->fields.count, 1);
    unit_text("field", event->fields.names[0], "http.method");
    record_json_write(&event_type, event, &json);
    assert_true(text_find(buf_text(&json), TEXT("\"confidence_score\":0.9,")) < json.size);
}

static bool place(void *self, const struct address *address, struct text *country, int64_t *asn,
                  bool *anonymous, bool *tor)
{
    const char *what = self;

    (void)address;
    *anonymous = strcmp(what, "anonymous") == 0;
    *tor = strcmp(what, "tor") == 0;
    *country = *anonymous || *tor ? TEXT("SE") : text_of(what);
    *asn = 64512;
    return true;
}

static bool reputation(void *self, const struct address *address, double *score)
{
    (void)self;
    (void)address;
    *score = 0.05;
    return true;
}

#define SQLI "\"message\":\"union select\""
#define NOON "\"@timestamp\":\"2026-01-30T12:00:00Z\","
#define QUIET "\"message\":\"quiet\""

static void context_raises_confidence_and_says_so(void **state)
{
    static const struct {
        const char *name, *log, *place;
        bool is_known;
        int64_t recent;
        double want;
        const char *indicators; /* behind the pattern, joined by blanks */
    } cases[] = {
        {"nothing odd", "{" NOON QUIET "}", NULL, false, RECORD_NULL, 0.25, ""},
        {"a listed address", "{" NOON QUIET ",\"src\":\"185.220.100.1\"}", NULL, false, 0, 0.45,
         "low_reputation_ip:0.1"},
        {"no address", "{" NOON QUIET ",\"src\":\"unknown\"}", NULL, false, 0, 0.25, ""},
        {"the cache knows better", "{" NOON QUIET ",\"src\":\"8.8.8.8\"}", NULL, true, 0, 0.45,
         "low_reputation_ip:0.05"},
        {"a country", "{" NOON QUIET ",\"src\":\"8.8.8.8\"}", "KP", false, 0, 0.35,
         "high_risk_geography:KP"},
        {"another country", "{" NOON QUIET ",\"src\":\"8.8.8.8\"}", "SE", false, 0, 0.25, ""},
        {"Tor", "{" NOON QUIET ",\"src\":\"8.8.8.8\"}", "tor", false, 0, 0.35,
         "high_risk_geography:tor"},
        {"a proxy", "{" NOON QUIET ",\"src\":\"8.8.8.8\"}", "anonymous", false, 0, 0.35,
         "high_risk_geography:anonymous"},
        {"an agent", "{" NOON QUIET ",\"user_agent\":\"curl nikto spider/1.0\"}", NULL, false, 0,
         0.35, "suspicious_user_agent:0.9"},
        {"an agent at the bound", "{" NOON QUIET ",\"user_agent\":\"curl, bot\"}", NULL, false, 0,
         0.35, "suspicious_user_agent:0.9"},
        {"night and pace",
         "{\"@timestamp\":\"2026-01-30T23:00:00+09:00\"," QUIET ",\"src\":\"8.8.8.8\"}", NULL,
         false, 11, 0.35, "suspicious_timing:0.5"},
        {"pace alone", "{" NOON QUIET ",\"src\":\"8.8.8.8\"}", NULL, false, 11, 0.25, ""},
        {"all of it, capped",
         "{\"@timestamp\":\"2026-01-30T23:00:00+09:00\"," SQLI
         ",\"src\":\"185.220.100.1\",\"user_agent\":\"curl nikto spider\"}",
         "KP", false, 11, 1.0,
         "low_reputation_ip:0.1 high_risk_geography:KP suspicious_user_agent:1.0 "
         "suspicious_timing:0.5"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct detect_lookups lookups = {.place = cases[i].place ? place : NULL,
                                         .reputation = cases[i].is_known ? reputation : NULL,
                                         .self = (void *)(uintptr_t)cases[i].place};
        const struct event *event = find(f, cases[i].log, &lookups, cases[i].recent);
        AUTO_BUF joined = {0};

        for (size_t k = 1; k < event->indicators.count; k++) {
            if (k > 1)
                buf_add_byte(&joined, ' ');
            buf_add(&joined, event->indicators.items[k]);
        }
        unit_text(cases[i].name, buf_text(&joined), cases[i].indicators);
        if (event->confidence_score != cases[i].want)
            fail_msg("%s: got %.17g, want %.17g", cases[i].name, event->confidence_score,
                     cases[i].want);
    }
}

static void named_groups_fill_what_the_log_lacks(void **state)
{
    struct fixture *f = *state;
    const struct event *event =
        find(f, "{\"message\":\"Failed password for root from 192.0.2.7 port 22 ssh2\"}", NULL, 0);

    unit_text("source", event->source_ip, "192.0.2.7");
    unit_text("user", event->user, "root");
    unit_text("host", event->host, "");
    event = find(f,
                 "{\"message\":\"Failed password for root from 192.0.2.7 port 22\","
                 "\"source_ip\":\"10.0.0.1\",\"user\":\"shipper\"}",
                 NULL, 0);
    unit_text("the log's own address", event->source_ip, "10.0.0.1");
    unit_text("the log's own user", event->user, "shipper");
}

static void addresses_are_canonical(void **state)
{
    static const struct {
        const char *name, *written, *want;
    } cases[] = {
        {"plain", "8.8.8.8", "8.8.8.8"},
        {"with a port", "8.8.8.8:443", "8.8.8.8"},
        {"mapped", "::ffff:8.8.8.8", "8.8.8.8"},
        {"capitals", "2001:DB8:0::1", "2001:db8::1"},
        {"IPv6 with a port", "[2001:db8::1]:443", "2001:db8::1"},
        {"none", "web-7", "web-7"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF log = {0};

        buf_addf(&log, "{" QUIET ",\"src\":\"%s\"}", cases[i].written);
        unit_text(cases[i].name, find(f, buf_string(&log), NULL, 0)->source_ip, cases[i].want);
    }
}

static void long_payloads_are_cut_between_characters(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF log = {0};

    buf_add_string(&log, "{\"message\":\"quiet!!");
    for (int i = 0; i < 500; i++)
        buf_add_string(&log, "\xED\x95\x9C");
    buf_add_string(&log, "\"}");
    const struct event *event = find(f, buf_string(&log), NULL, 0);

    assert_int_equal(event->payload.size, 64); /* 7 and 19 characters of 3 bytes */
    assert_true(text_is_utf8(event->payload));
    assert_true(event->raw_log.size <= 1000 && event->raw_log.size > 996);
    assert_true(text_is_utf8(event->raw_log));
}

static void times_and_shadow_mode(void **state)
{
    struct fixture *f = *state;
    const struct event *event = find(f, "{" QUIET "}", NULL, 0);

    assert_int_equal(event->mode, MODE_SHADOW);
    assert_int_equal(event->timestamp, UNIT_KAFKA_MS); /* the log has none */
    event = find(f, "{\"@timestamp\":\"2026-01-30T15:05:00.001Z\"," QUIET "}", NULL, 0);
    assert_int_equal(event->timestamp, UNIT_KAFKA_MS + 300001); /* what it said */
    assert_int_equal(event->event_time, UNIT_KAFKA_MS);         /* what is believed */
    assert_true(f->detections[0].clock_ahead);
    assert_false(f->detections[0].clock_broken);
    assert_true(isnan(event->context.reputation) && isnan(event->context.user_agent_risk));
}

static void a_log_without_a_time_has_its_sources_night(void **state)
{
    struct fixture *f = *state;
    const struct event *event = find(f, "{" QUIET "}", NULL, 0); /* Friday 15:00 in UTC */

    assert_true(event->context.timing_risk == 0);
    source_free(f->source);
    f->source_settings.timezone = "Asia/Seoul"; /* Saturday 00:00 */
    f->source = source_new(&f->source_settings, NULL);
    event = find(f, "{" QUIET "}", NULL, 0);
    assert_true(event->context.timing_risk == 0.3);
    assert_int_equal(event->timestamp, UNIT_KAFKA_MS);
}

static void a_log_without_a_hit_makes_nothing(void **state)
{
    struct fixture *f = *state;
    const struct detect_origin origin = {.kafka_ms = -1};

    assert_int_equal(
        source_parse(f->source, TEXT("{\"message\":\"fine\"}"), -1, f->arena, &f->entry, NULL), 0);
    assert_int_equal(detect_match(f->detect, f->engine, f->scratch, f->source, &f->entry, &origin,
                                  f->arena, &f->detections),
                     0);
}

static void wrong_lists_are_refused(void **state)
{
    static const char *bad[] = {"10.0.0.0/33"}, *country[] = {"North Korea"};
    struct detect_settings settings = {.low_reputation_ranges = {bad, 1}};
    struct error err = {0};

    (void)state;
    assert_null(detect_new(&settings, &err));
    assert_true(text_find(text_of(err.text), TEXT("'10.0.0.0/33'")) < strlen(err.text));
    settings = (struct detect_settings){.high_risk_countries = {country, 1}};
    assert_null(detect_new(&settings, &err));
    assert_true(text_find(text_of(err.text), TEXT("'North Korea'")) < strlen(err.text));
    detect_free(NULL);
}

static void a_notice_sums_up_a_minute(void **state)
{
    struct fixture *f = *state;
    const struct rule *rule = ruleset_rule(f->rules, 0);
    const struct quota_notice notice = {.minute_ms = UNIT_KAFKA_MS, .withheld = 7};
    const struct detect_origin origin = {.cluster = TEXT("c"), .kafka_ms = UNIT_KAFKA_MS + 61000};
    struct event event;

    notice_fill(&event, &notice, rule, &origin, f->arena);
    unit_text("type", event.event_type, "notice.max_per_minute");
    unit_text("rule", event.rule_id, "web_attacks.sqli");
    unit_text("text", event.payload,
              "7 more events of rule web_attacks.sqli in the minute from "
              "2026-01-30T15:00:00.000Z: its max_per_minute is 10");
    unit_text("why", event.indicators.items[0], "withheld_events:7");
    assert_int_equal(event.threat_level, LEVEL_LOW);
    assert_int_equal(event.event_id.size, 32);
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, begin, end)

UNIT_MAIN(CASE(an_event_says_what_where_and_why), CASE(context_raises_confidence_and_says_so),
          CASE(named_groups_fill_what_the_log_lacks), CASE(addresses_are_canonical),
          CASE(long_payloads_are_cut_between_characters), CASE(times_and_shadow_mode),
          CASE(a_log_without_a_time_has_its_sources_night), CASE(a_log_without_a_hit_makes_nothing),
          CASE(a_notice_sums_up_a_minute), cmocka_unit_test(wrong_lists_are_refused))
