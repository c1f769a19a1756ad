#include "unit.h"

#include <errno.h>

#include "base/event.h"
#include "base/record_json.h"
#include "sample_record.h"

static void an_event_is_written_as_the_contract_says(void **state)
{
    struct text indicators[] = {TEXT("<script"), TEXT("suspicious_timing:0.5")};
    struct text tags[] = {TEXT("attack.t1190")};
    struct text names[] = {TEXT("status")}, values[] = {TEXT("200")};
    const struct event event = {
        .event_id = TEXT("0123456789abcdef0123456789abcdef"),
        .fingerprint = TEXT("0123456789abcdef"),
        .timestamp = 1700000000000,
        .event_time = 1700000000001,
        .detected_at = 1700000000999,
        .event_type = TEXT("web_attacks.xss"),
        .rule_id = TEXT("web_attacks.xss"),
        .rule_title = TEXT("Cross-site scripting"),
        .threat_level = LEVEL_HIGH,
        .confidence_score = 0.8,
        .source_ip = TEXT("192.0.2.1"),
        .payload = TEXT("GET /?q=<script>"),
        .indicators = {indicators, 2},
        .context = {.reputation = 0.5,
                    .asn = RECORD_NULL,
                    .user_agent_risk = NAN,
                    .timing_risk = 1,
                    .recent_events = 0},
        .tags = {tags, 1},
        .tenant = TEXT("default"),
        .origin = {TEXT("c1"), TEXT("raw"), 3, 42, 0},
        .fields = {names, values, 1},
        .raw_log = TEXT("GET /?q=<script>\n\xFF"),
    };
    AUTO_BUF out = {0};

    (void)state;
    record_json_write(&event_type, &event, &out);
    assert_string_equal(
        buf_string(&out),
        "{\"event_id\":\"0123456789abcdef0123456789abcdef\",\"fingerprint\":\"0123456789abcdef\","
        "\"timestamp\":\"2023-11-14T22:13:20.000Z\",\"event_time\":\"2023-11-14T22:13:20.001Z\","
        "\"detected_at\":\"2023-11-14T22:13:20.999Z\",\"event_type\":\"web_attacks.xss\","
        "\"rule_id\":\"web_attacks.xss\",\"rule_title\":\"Cross-site scripting\","
        "\"threat_level\":\"HIGH\",\"confidence_score\":0.8,\"source_ip\":\"192.0.2.1\","
        "\"target_ip\":null,\"user_agent\":null,\"user\":null,\"host\":null,"
        "\"payload\":\"GET /?q=<script>\",\"indicators\":[\"<script\",\"suspicious_timing:0.5\"],"
        "\"context\":{\"reputation\":0.5,\"country\":null,\"asn\":null,\"user_agent_risk\":null,"
        "\"timing_risk\":1.0,\"recent_events\":0,\"enrichment\":\"full\"},"
        "\"tags\":[\"attack.t1190\"],\"tenant\":\"default\","
        "\"origin\":{\"cluster\":\"c1\",\"topic\":\"raw\",\"partition\":3,\"offset\":42,"
        "\"index\":0},\"mode\":\"alert\",\"fields\":{\"status\":\"200\"},"
        "\"raw_log\":\"GET /?q=<script>\\n\xEF\xBF\xBD\"}");
}

/* The members of an inner record, which has one of each kind that has a form of its own. */
static void json_that_says_no_more_and_no_less_may_stand_for_its_record(void **state)
{
    static const struct record_field fields[] = {
        {.name = "name", .kind = FIELD_TEXT, .offset = 0},
        {.name = "host", .kind = FIELD_TEXT, .offset = 16, .nullable = true},
        {.name = "at", .kind = FIELD_TIME, .offset = 32},
        {.name = "share", .kind = FIELD_DOUBLE, .offset = 40},
        {0},
    };
    static const struct record_type type = {"thing", 1, 48, fields};
    static const struct {
        const char *json;
        bool is_exact;
    } rows[] = {
        {"{\"name\":\"a\",\"host\":null,\"at\":\"2026-01-01T00:00:00.000Z\",\"share\":1.0}", true},
        {" { \"name\" : \"\\u0061\\n\", \"host\":\"h\",\t\"at\":\"2026-01-01T00:00:00.000Z\", "
         "\"share\":1e0}",
         true},
        {"{\"name\":\"a\",\n\"host\":null,\"at\":\"2026-01-01T00:00:00.000Z\",\"share\":1.0}",
         false},
        {"{\"name\":\"a\",\"host\":null,\"at\":\"2026-01-01T00:00:00.000Z\",\"share\":1.0}\r",
         false},
        {"{\"name\":\"a\",\"host\":\"\",\"at\":\"2026-01-01T00:00:00.000Z\",\"share\":1.0}", false},
        {"{\"name\":\"a\",\"host\":null,\"at\":\"2026-01-01T00:00:00.000Z\",\"share\":1}", false},
        {"{\"name\":\"a\",\"host\":null,\"at\":\"2026-01-01T00:00:00Z\",\"share\":1.0}", false},
        {"{\"name\":\"a\",\"host\":null,\"at\":\"2026-01-01T00:00:60.000Z\",\"share\":1.0}", false},
        {"{\"name\":\"a\",\"host\":null,\"at\":\"2026-01-01T02:00:00+02:00\",\"share\":1.0}",
         false},
        {"{\"host\":null,\"name\":\"a\",\"at\":\"2026-01-01T00:00:00.000Z\",\"share\":1.0}", false},
        {"{\"name\":\"a\",\"name\":\"a\",\"host\":null,\"at\":\"2026-01-01T00:00:00.000Z\","
         "\"share\":1.0}",
         false},
        {"{\"name\":\"a\",\"host\":null,\"at\":\"2026-01-01T00:00:00.000Z\"}", false},
        {"{\"name\":\"a\",\"host\":null,\"at\":\"2026-01-01T00:00:00.000Z\",\"share\":1.0,\"x\":1}",
         false},
        {"{\"x\":1,\"name\":\"a\",\"host\":null,\"at\":\"2026-01-01T00:00:00.000Z\",\"share\":1.0}",
         false},
    };
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        _Alignas(max_align_t) char record[48];
        struct error err = {0};
        bool is_exact = !rows[i].is_exact;

        if (record_json_read_exact(&type, text_of(rows[i].json), arena, record, &is_exact, &err) <
                0 ||
            is_exact != rows[i].is_exact)
            fail_msg("%s: %s %s", rows[i].json, is_exact ? "exact" : "not exact", err.text);
    }
}

static void numbers_are_as_short_as_reads_back(void **state)
{
    static const struct {
        double value;
        const char *want;
    } cases[] = {
        {0, "0.0"},
        {1, "1.0"},
        {0.1, "0.1"},
        {0.25, "0.25"},
        {0.1 + 0.2, "0.30000000000000004"},
        {0.05, "0.05"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {1.0 / 3, "0.3333333333333333"},
        {-0.5, "-0.5"},
        {123456789.25, "123456789.25"},
        {1e9, "1000000000.0"},
        {1e300, "1e+300"},
        {5e-324, "4.94065645841247e-324"},
        {9007199254740993.0, "9007199254740992.0"},
        {INFINITY, "0.0"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};
        const struct sample sample = {.ratio = cases[i].value};

        record_json_write(&sample_type, &sample, &out);
        size_t at = text_find(buf_text(&out), TEXT("\"ratio\":")) + 8;
        struct text rest = text_slice(buf_text(&out), at, out.size), number;

        text_split(&rest, ',', &number);
        unit_text(cases[i].want, number, cases[i].want);
    }
}

static void what_is_written_reads_back_and_writes_the_same(void **state)
{
    uint64_t seed = 42;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        AUTO(arena) arena = arena_new(4096);
        AUTO_BUF first = {0};
        AUTO_BUF second = {0};
        struct sample sample, again;
        struct error err = {0};

        sample_fill(&sample, &seed, arena);
        record_json_write(&sample_type, &sample, &first);
        if (record_json_read(&sample_type, buf_text(&first), arena, &again, &err) < 0)
            fail_msg("%s: %s", buf_string(&first), err.text);
        assert_true(again.at == sample.at && again.number == sample.number);
        assert_true(again.ratio == sample.ratio && isnan(again.score) == isnan(sample.score));
        record_json_write(&sample_type, &again, &second);
        unit_text("again", buf_text(&second), buf_string(&first));
    }
}

static void what_is_absent_has_its_default(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    struct sample sample;

    (void)state;
    memset(&sample, 1, sizeof(sample));
    assert_int_equal(record_json_read(&sample_type,
                                      TEXT(" {\"unknown\": [{}], \"colour\":\"BLUE\"}"), arena,
                                      &sample, NULL),
                     0);
    assert_int_equal(sample.colour, 2);
    assert_int_equal(sample.word.size, 0);
    assert_true(sample.at == 0 && sample.ended == RECORD_NULL && sample.count == RECORD_NULL);
    assert_true(sample.ratio == 0 && isnan(sample.score) && isnan(sample.part.weight));
    assert_int_equal(sample.list.count + sample.map.count + sample.parts.count, 0);
}

static void what_is_no_such_record_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {"", "not JSON at byte 0"},
        {"{\"word\":\"a\"", "not JSON at byte 11"},
        {"{} {}", "not JSON at byte 3"},
        {"{\"word\":\"\xFF\"}", "not JSON at byte"},
        {"[]", "sample: found array; it must be an object"},
        {"{\"word\":null}", "sample: word: found null; it must be a text"},
        {"{\"at\":5}", "sample: at: found uint; it must be an RFC 3339 time"},
        {"{\"at\":\"today\"}", "sample: at: found 'today'; it must be an RFC 3339 time"},
        {"{\"number\":1.5}", "sample: number: found real; it must be a whole number"},
        {"{\"number\":9223372036854775808}", "sample: number: found uint; it must be a whole"},
        {"{\"ratio\":\"1\"}", "sample: ratio: found string; it must be a number"},
        {"{\"ratio\":1e999}", "not JSON at byte"},
        {"{\"flag\":1}", "sample: flag: found uint; it must be true or false"},
        {"{\"colour\":\"PINK\"}", "sample: colour: found 'PINK', which is none of its names"},
        {"{\"list\":[1]}", "sample: list: found uint; it must be a list of texts throughout"},
        {"{\"map\":{\"a\":{}}}", "sample: map: found object; it must be an object of texts"},
        {"{\"part\":{\"name\":7}}", "sample: part: name: found uint; it must be a text"},
        {"{\"parts\":[{},{\"name\":7}]}", "sample: parts: name: found uint; it must be a text"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        struct sample sample = {.number = 77};
        struct error err = {0};

        if (record_json_read(&sample_type, text_of(cases[i].json), arena, &sample, &err) !=
            -EBADMSG)
            fail_msg("%s: taken", cases[i].json);
        if (!text_starts(text_of(err.text), text_of(cases[i].want)))
            fail_msg("%s: got '%s', want '%s'", cases[i].json, err.text, cases[i].want);
        assert_int_equal(err.class, ERROR_POISON);
        assert_int_equal(sample.number, 77);
    }
}

UNIT_MAIN(cmocka_unit_test(an_event_is_written_as_the_contract_says),
          cmocka_unit_test(json_that_says_no_more_and_no_less_may_stand_for_its_record),
          cmocka_unit_test(numbers_are_as_short_as_reads_back),
          cmocka_unit_test(what_is_written_reads_back_and_writes_the_same),
          cmocka_unit_test(what_is_absent_has_its_default),
          cmocka_unit_test(what_is_no_such_record_is_refused_with_the_reason))
