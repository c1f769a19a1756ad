#include "unit.h"

#include "forwarder/ecs.h"
#include "hostile_alert.h"
#include "json_reader.h"

static void a_document_is_as_ecs_has_it(void **state)
{
    const struct alert alert = sample_alert();
    AUTO_BUF out = {0};

    (void)state;
    ecs_write(&alert, TEXT("relay-1"), &out);
    unit_text("the sample", buf_text(&out),
              "{\"@timestamp\":\"2026-01-01T00:00:00.123Z\","
              "\"ecs\":{\"version\":\"9.5.0\"},\"message\":\"12 failed logins\","
              "\"event\":{\"kind\":\"alert\",\"category\":[\"intrusion_detection\"],"
              "\"type\":[\"info\"],\"id\":\"SEC-0123456789abcdef0123456789abcdef\","
              "\"action\":\"authentication.brute_force\",\"module\":\"haechi\","
              "\"dataset\":\"haechi.alerts\",\"severity\":8,"
              "\"created\":\"2026-01-01T00:01:01.000Z\","
              "\"start\":\"2026-01-01T00:00:00.123Z\","
              "\"end\":\"2026-01-01T00:01:00.456Z\","
              "\"original\":\"Failed password for root\"},"
              "\"rule\":{\"id\":\"brute_force\",\"name\":\"Brute force\"},"
              "\"source\":{\"address\":\"203.0.113.7\",\"ip\":\"203.0.113.7\"},"
              "\"destination\":{\"address\":\"2001:db8::1\",\"ip\":\"2001:db8::1\"},"
              "\"user\":{\"name\":\"root\"},\"host\":{\"name\":\"web-1\"},"
              "\"related\":{\"ip\":[\"203.0.113.7\",\"2001:db8::1\"],\"user\":[\"root\"],"
              "\"hosts\":[\"web-1\"]},\"threat\":{\"framework\":\"MITRE ATT&CK\","
              "\"tactic\":{\"id\":[\"TA0006\"],\"name\":[\"Credential Access\"]},"
              "\"technique\":{\"id\":[],\"subtechnique\":{\"id\":[\"T1110.001\"]}}},"
              "\"tags\":[\"attack.t1110.001\",\"attack.credential_access\"],"
              "\"observer\":{\"hostname\":\"relay-1\",\"vendor\":\"Haechi\","
              "\"product\":\"Haechi\",\"type\":\"ids\",\"version\":\"" HAECHI_VERSION "\"},"
              "\"haechi\":{\"alert_id\":\"SEC-0123456789abcdef0123456789abcdef\","
              "\"revision\":2,\"status\":\"update\",\"threat_level\":\"HIGH\","
              "\"confidence\":0.9,\"event_count\":12,\"count_exact\":true,"
              "\"event_types\":[\"authentication.brute_force\"],"
              "\"event_ids\":[\"0123456789abcdef0123456789abcdef\"],"
              "\"indicators\":[\"brute_force\",\"high_risk_geography:KP\"],"
              "\"recommended_actions\":[\"Block the address\","
              "\"Reset the password\"],\"correlation_id\":\"brute_force\","
              "\"tenant\":\"acme\",\"group\":[\"source_ip=203.0.113.7\"]}}");
}

/* Elasticsearch refuses a document whose source.ip is none. */
static void what_is_no_address_is_in_no_field_for_addresses(void **state)
{
    struct alert alert = sample_alert();
    AUTO(arena) arena = arena_new(16384);
    AUTO_BUF out = {0};

    (void)state;
    alert.source_ip = TEXT("not an address");
    ecs_write(&alert, TEXT("relay-1"), &out);
    yyjson_val *root = arena_json_read(arena, buf_text(&out), NULL);

    assert_null(yyjson_ptr_get(root, "/source/ip"));
    assert_true(json_text_is(arena, root, "/source/address", alert.source_ip));
    assert_int_equal(yyjson_arr_size(yyjson_ptr_get(root, "/related/ip")), 1);
}

UNIT_MAIN(cmocka_unit_test(a_document_is_as_ecs_has_it),
          cmocka_unit_test(what_is_no_address_is_in_no_field_for_addresses))
