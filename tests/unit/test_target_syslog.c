#include "unit.h"

#include "target_unit.h"

static void write_sample(const struct target_unit *unit, struct buf *out)
{
    const struct target_context context = target_unit_context();
    const struct alert alert = sample_alert();

    unit->ops->write(unit->config, &context, &alert, out);
}

static void records_are_framed_for_their_way(void **state)
{
    static const struct {
        const char *target, *yaml;
        enum target_way way;
        int64_t port;
        const char *starts, *ends;
    } cases[] = {
        {"syslog", "  host: h\n", TARGET_BY_TCP, 514,
         "<11>1 2026-01-01T00:01:01.000Z relay-1 haechi - alert [haechi@32473 alert_id=", "}"},
        {"syslog", "  host: h\n  transport: tls\n  framing: lf\n  body: cef\n", TARGET_BY_TLS, 6514,
         "<11>1 2026-01-01T00:01:01.000Z relay-1 haechi - alert [haechi@32473 ", "Actions\n"},
        {"syslog", "  host: h\n  transport: udp\n  format: rfc3164\n  facility: 16\n  port: 5514\n",
         TARGET_BY_UDP, 5514, "<131>Jan  1 00:01:01 relay-1 haechi: {", "}"},
        {"syslog",
         "  host: h\n  structured_data: false\n  hostname: me\n  body: leef\n"
         "  framing: lf\n  leef_delimiter: x7E\n",
         TARGET_BY_TCP, 514,
         "<11>1 2026-01-01T00:01:01.000Z me haechi - alert - LEEF:2.0|Haechi|Haechi|" HAECHI_VERSION
         "|brute_force|~|devTime=",
         "password\n"},
        {"qradar", "  host: h\n", TARGET_BY_TLS, 6514,
         "<11>Jan  1 00:01:01 relay-1 LEEF:2.0|Haechi|Haechi|" HAECHI_VERSION
         "|brute_force|^|devTime=1767225600123^sev=8^",
         "password\n"},
        {"qradar", "  host: h\n  transport: tcp\n  header: rfc5424\n  leef_version: '1.0'\n",
         TARGET_BY_TCP, 514,
         "<11>1 2026-01-01T00:01:01.000Z relay-1 LEEF:1.0|Haechi|Haechi|" HAECHI_VERSION
         "|brute_force|devTime=1767225600123\tsev=8\t",
         "password\n"},
        {"arcsight", "  host: h\n  transport: tcp\n", TARGET_BY_TCP, 514,
         "<11>Jan  1 00:01:01 relay-1 CEF:0|Haechi|", "RecommendedActions\n"},
        {"arcsight", "  host: h\n  transport: udp\n  header: rfc5424\n", TARGET_BY_UDP, 514,
         "<11>1 2026-01-01T00:01:01.000Z relay-1 haechi - alert - CEF:0|", "RecommendedActions"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};
        struct target_place place = {0};
        struct target_unit unit = target_unit_must(cases[i].target, cases[i].yaml);

        assert_int_equal(unit.ops->way(unit.config, &place), cases[i].way);
        assert_int_equal(place.port, cases[i].port);
        assert_string_equal(place.host, "h");
        write_sample(&unit, &out);
        if (i == 0) { /* octet counting, the default: the number is that of the bytes behind it */
            struct text rest = buf_text(&out), count;
            int64_t number;

            text_split(&rest, ' ', &count);
            assert_true(text_to_integer(count, &number) && (size_t)number == rest.size);
            memmove(out.bytes, rest.bytes, rest.size);
            out.size = rest.size;
        }
        unit_text(cases[i].yaml, text_slice(buf_text(&out), 0, strlen(cases[i].starts)),
                  cases[i].starts);
        if (!text_ends(buf_text(&out), text_of(cases[i].ends)))
            fail_msg("%s: ends otherwise: %.*s", cases[i].yaml, TEXT_ARG(buf_text(&out)));
        target_unit_close(&unit);
    }
}

static void a_frame_is_as_long_as_the_setting_says(void **state)
{
    static const char words[2000] = "long";
    AUTO_BUF out = {0};
    const struct target_context context = target_unit_context();
    struct alert alert = sample_alert();
    struct target_unit unit =
        target_unit_must("arcsight", "  host: h\n  transport: udp\n  max_frame: 1024\n");

    (void)state;
    alert.description = (struct text){words, sizeof(words)};
    unit.ops->write(unit.config, &context, &alert, &out);
    assert_true(out.size <= 1024 && out.size > 900);
    target_unit_close(&unit);
}

static void events_for_http_are_lines_or_a_list_in_json(void **state)
{
    static const struct {
        const char *target, *yaml, *starts;
        size_t lines;
    } cases[] = {
        {"qradar", "  transport: http\n  url: https://q.example:12469\n",
         "<11>Jan  1 00:01:01 relay-1 LEEF:2.0|", 3},
        {"arcsight", "  transport: http\n  url: https://a.example/cef\n  token: t\n", "CEF:0|", 3},
        {"arcsight", "  transport: http\n  url: https://a.example/cef\n  form: json\n",
         "{\"events\":[\"CEF:0|", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_REQUEST request = {0};
        struct target_place place = {0};
        struct target_unit unit = target_unit_must(cases[i].target, cases[i].yaml);
        size_t lines = 0;

        assert_int_equal(unit.ops->way(unit.config, &place), TARGET_BY_HTTP);
        target_unit_render(&unit, &request);
        assert_true(text_starts(buf_text(&request.body), text_of(cases[i].starts)));
        for (size_t b = 0; b < request.body.size; b++)
            lines += request.body.bytes[b] == '\n';
        assert_int_equal(lines, cases[i].lines);
        target_unit_close(&unit);
    }
}

static void settings_are_refused_with_what_to_do(void **state)
{
    static const struct target_unit_refusal syslog[] = {
        {"  transport: udp\n", "host"},
        {"  host: h\n  leef_delimiter: '|'\n", "delimiter is"},
        {"  host: h\n  max_frame: 512\n", "max_frame is 512"},
        {"  host: h\n  transport: udp\n  max_frame: 65508\n", "at most 65507"},
        {"  host: h\n  body: cef\n  bom: true\n", "bom goes with"},
        {"  host: h\n  transport: http\n", "transport"},
    };
    static const struct target_unit_refusal qradar[] = {
        {"  transport: http\n  url: https://q.example/api/ariel/events\n", "takes no events"},
        {"  endpoint_url: https://q.example\n  api_key: k\n", "takes no events"},
        {"  transport: http\n", "url is missing"},
        {"  transport: tcp\n", "host is missing"},
        {"  transport: tcp\n  host: h\n  url: https://x\n", "url goes with"},
        {"  transport: http\n  host: h\n  url: https://x\n", "host does not go"},
        {"  host: h\n  hostname: '2001:db8::1'\n", "IPv4"},
    };
    static const struct target_unit_refusal arcsight[] = {
        {"  host: h\n  token: t\n", "token goes with"},
    };

    (void)state;
    target_unit_refusals("syslog", syslog, COUNT_OF(syslog));
    target_unit_refusals("qradar", qradar, COUNT_OF(qradar));
    target_unit_refusals("arcsight", arcsight, COUNT_OF(arcsight));
}

static void files_topics_and_standard_output_get_lines(void **state)
{
    static const struct {
        const char *target, *yaml;
        enum target_way way;
        const char *ends;
    } cases[] = {
        {"file", "  path: /tmp/x\n", TARGET_BY_FILE, "}\n"},
        {"stdout", "  body: ocsf\n", TARGET_BY_STDOUT, "}\n"},
        {"kafka", "  topic: soc.alerts\n  body: ecs\n", TARGET_BY_KAFKA, "}"},
    };
    static const struct target_unit_refusal refused[] = {{"  topic: a/b\n", "is not a topic name"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};
        struct target_place place = {0};
        struct target_unit unit = target_unit_must(cases[i].target, cases[i].yaml);

        assert_int_equal(unit.ops->way(unit.config, &place), cases[i].way);
        write_sample(&unit, &out);
        assert_true(text_ends(buf_text(&out), text_of(cases[i].ends)));
        target_unit_close(&unit);
    }
    target_unit_refusals("kafka", refused, COUNT_OF(refused));
}

UNIT_MAIN(cmocka_unit_test(records_are_framed_for_their_way),
          cmocka_unit_test(a_frame_is_as_long_as_the_setting_says),
          cmocka_unit_test(events_for_http_are_lines_or_a_list_in_json),
          cmocka_unit_test(settings_are_refused_with_what_to_do),
          cmocka_unit_test(files_topics_and_standard_output_get_lines))
