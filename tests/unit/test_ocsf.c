#include "unit.h"

#include "forwarder/ocsf.h"
#include "hostile_alert.h"
#include "json_reader.h"

static void a_finding_is_as_ocsf_has_it(void **state)
{
    const struct alert alert = sample_alert();
    AUTO_BUF out = {0};

    (void)state;
    ocsf_write(&alert, &out);
    unit_text("the sample", buf_text(&out),
              "{\"class_uid\":2004,\"class_name\":\"Detection Finding\","
              "\"category_uid\":2,\"category_name\":\"Findings\",\"activity_id\":2,"
              "\"activity_name\":\"Update\",\"type_uid\":200402,"
              "\"time\":1767225661000,\"start_time\":1767225600123,"
              "\"end_time\":1767225660456,\"severity_id\":4,\"severity\":\"High\","
              "\"status_id\":2,\"status\":\"In Progress\","
              "\"message\":\"12 failed logins\",\"count\":12,\"is_alert\":true,"
              "\"confidence_id\":3,\"confidence_score\":90,"
              "\"metadata\":{\"version\":\"1.7.0\",\"product\":{\"name\":\"Haechi\","
              "\"vendor_name\":\"Haechi\",\"version\":\"" HAECHI_VERSION "\"},"
              "\"uid\":\"SEC-0123456789abcdef0123456789abcdef-2\","
              "\"log_name\":\"alerts\",\"tenant_uid\":\"acme\","
              "\"labels\":[\"attack.t1110.001\",\"attack.credential_access\"]},"
              "\"finding_info\":{\"uid\":\"SEC-0123456789abcdef0123456789abcdef\","
              "\"title\":\"Brute force\",\"desc\":\"12 failed logins\","
              "\"created_time\":1767225600123,\"modified_time\":1767225661000,"
              "\"first_seen_time\":1767225600123,"
              "\"last_seen_time\":1767225660456,"
              "\"types\":[\"authentication.brute_force\"],"
              "\"analytic\":{\"type_id\":1,\"type\":\"Rule\",\"uid\":\"brute_force\","
              "\"name\":\"Brute force\"},"
              "\"attacks\":[{\"sub_technique\":{\"uid\":\"T1110.001\"}},"
              "{\"tactic\":{\"uid\":\"TA0006\",\"name\":\"Credential Access\"}}]},"
              "\"evidences\":[{\"src_endpoint\":{\"ip\":\"203.0.113.7\"},"
              "\"dst_endpoint\":{\"ip\":\"2001:db8::1\"},\"user\":{\"name\":\"root\"},"
              "\"device\":{\"hostname\":\"web-1\",\"type_id\":0},"
              "\"data\":{\"indicators\":[\"brute_force\",\"high_risk_geography:KP\"],"
              "\"event_ids\":[\"0123456789abcdef0123456789abcdef\"],"
              "\"group\":[\"source_ip=203.0.113.7\"],\"count_exact\":true}}],"
              "\"observables\":[{\"name\":\"evidences.src_endpoint.ip\",\"type_id\":2,"
              "\"value\":\"203.0.113.7\"},{\"name\":\"evidences.dst_endpoint.ip\",\"type_id\":2,"
              "\"value\":\"2001:db8::1\"},{\"name\":\"evidences.user.name\",\"type_id\":4,"
              "\"value\":\"root\"},{\"name\":\"evidences.device.hostname\",\"type_id\":1,"
              "\"value\":\"web-1\"}],\"remediation\":{\"desc\":\"Block the address,"
              " Reset the password\"},\"raw_data\":\"Failed password for root\"}");
}

static void a_revision_is_an_activity_on_the_same_finding(void **state)
{
    static const struct {
        int status;
        int64_t activity, type, ocsf_status;
    } cases[] = {
        {ALERT_NEW, 1, 200401, 1},
        {ALERT_UPDATE, 2, 200402, 2},
        {ALERT_RESOLVED, 3, 200403, 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct alert alert = sample_alert();
        AUTO(arena) arena = arena_new(16384);
        AUTO_BUF out = {0};

        alert.status = cases[i].status;
        ocsf_write(&alert, &out);
        yyjson_val *root = arena_json_read(arena, buf_text(&out), NULL);

        assert_int_equal(yyjson_get_int(yyjson_obj_get(root, "activity_id")), cases[i].activity);
        assert_int_equal(yyjson_get_int(yyjson_obj_get(root, "type_uid")), cases[i].type);
        assert_int_equal(yyjson_get_int(yyjson_obj_get(root, "status_id")), cases[i].ocsf_status);
        assert_true(json_text_is(arena, root, "/finding_info/uid", alert.alert_id));
    }
}

static void a_confidence_out_of_bounds_is_brought_into_them(void **state)
{
    static const struct {
        double confidence;
        int64_t id, score;
    } cases[] = {{-1, 1, 0}, {0.39, 1, 39}, {0.4, 2, 40}, {0.7, 3, 70}, {1e9, 3, 100}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct alert alert = sample_alert();
        AUTO(arena) arena = arena_new(16384);
        AUTO_BUF out = {0};

        alert.confidence = cases[i].confidence;
        ocsf_write(&alert, &out);
        yyjson_val *root = arena_json_read(arena, buf_text(&out), NULL);

        assert_int_equal(yyjson_get_int(yyjson_obj_get(root, "confidence_id")), cases[i].id);
        assert_int_equal(yyjson_get_int(yyjson_obj_get(root, "confidence_score")), cases[i].score);
    }
}

UNIT_MAIN(cmocka_unit_test(a_finding_is_as_ocsf_has_it),
          cmocka_unit_test(a_revision_is_an_activity_on_the_same_finding),
          cmocka_unit_test(a_confidence_out_of_bounds_is_brought_into_them))
