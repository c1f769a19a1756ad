#include "unit.h"

#include "forwarder/hec.h"
#include "hostile_alert.h"
#include "json_reader.h"

static const struct hec_form *sample_form(void)
{
    static const struct hec_form form = {
        {"security", 8}, {"security_monitoring", 19}, {"security_event", 14}, {"relay-1", 7}};

    return &form;
}

static void an_event_has_its_time_in_seconds_and_its_id_indexed(void **state)
{
    struct alert alert = sample_alert();
    AUTO(arena) arena = arena_new(16384);
    AUTO_BUF out = {0};

    (void)state;
    hec_write(&alert, sample_form(), &out);
    assert_true(text_starts(buf_text(&out),
                            TEXT("{\"time\":1767225600.123,\"host\":\"web-1\",\"source\":"
                                 "\"security_monitoring\",\"sourcetype\":\"security_event\","
                                 "\"index\":\"security\",\"event\":{\"timestamp\":")));
    assert_true(text_ends(buf_text(&out),
                          TEXT("},\"fields\":{\"alert_id\":\"SEC-0123456789abcdef0123456789abcdef"
                               "\",\"revision\":\"2\"}}\n")));
    assert_non_null(arena_json_read(arena, buf_text(&out), NULL));
    buf_reset(&out);
    alert.host = (struct text){0};
    alert.timestamp = -5;
    hec_write(&alert, sample_form(), &out);
    assert_true(text_starts(buf_text(&out), TEXT("{\"time\":0.000,\"host\":\"relay-1\",")));
}

/* Every code of Splunk's table , sent with three events. */
static void replies_are_judged_by_their_code(void **state)
{
    static const struct {
        const char *name;
        int status;
        const char *body;
        enum hec_outcome want;
    } cases[] = {
        {"success", 200, "{\"text\":\"Success\",\"code\":0}", HEC_TAKEN},
        {"plain OK", 200, "\"OK\"", HEC_TAKEN},
        {"OK that is no JSON", 200, "OK\r\n", HEC_TAKEN},
        {"no word at all", 200, "", HEC_TAKEN},
        {"JSON of another receiver", 201, "{\"message\":\"success\"}", HEC_TAKEN},
        {"a log-in page", 200, "\n<!DOCTYPE html>", HEC_CONFIG},
        {"another server's words", 200, "Welcome", HEC_CONFIG},
        {"a proxy that wants a certificate", 400, "<html><head><title>400 No required SSL",
         HEC_CONFIG},
        {"a receiver that writes no JSON", 400, "Bad Request", HEC_BAD_BODY},
        {"a proxy for which the headers are too long", 431, "", HEC_CONFIG},
        {"token disabled", 403, "{\"code\":1}", HEC_CONFIG},
        {"token required", 401, "{\"code\":2}", HEC_CONFIG},
        {"invalid authorization", 401, "{\"code\":3}", HEC_CONFIG},
        {"invalid token", 403, "{\"code\":4}", HEC_CONFIG},
        {"no data", 400, "{\"code\":5}", HEC_BAD_BODY},
        {"invalid format, no number", 400, "{\"code\":6}", HEC_BAD_BODY},
        {"invalid format, the second", 400, "{\"code\":6,\"invalid-event-number\":1}",
         HEC_BAD_EVENT},
        {"invalid format, the first: a body too long for the Cloud looks like this", 400,
         "{\"code\":6,\"invalid-event-number\":0}", HEC_BAD_BODY},
        {"invalid format, one that was not sent", 400, "{\"code\":6,\"invalid-event-number\":3}",
         HEC_BAD_BODY},
        {"invalid format, a number below none", 400, "{\"code\":6,\"invalid-event-number\":-7}",
         HEC_BAD_BODY},
        {"wrong index, no number", 400, "{\"code\":7}", HEC_CONFIG},
        {"wrong index, one past the second", 400, "{\"code\":7,\"invalid-event-number\":2}",
         HEC_BAD_INDEX},
        {"internal error", 500, "{\"code\":8}", HEC_RETRY},
        {"busy", 503, "{\"code\":9}", HEC_RETRY},
        {"channel missing", 400, "{\"code\":10}", HEC_CONFIG},
        {"channel invalid", 400, "{\"code\":11}", HEC_CONFIG},
        {"event required", 400, "{\"code\":12,\"invalid-event-number\":2}", HEC_BAD_EVENT},
        {"event blank", 400, "{\"code\":13,\"invalid-event-number\":2}", HEC_BAD_EVENT},
        {"acknowledgement disabled", 400, "{\"code\":14}", HEC_CONFIG},
        {"indexed fields", 400, "{\"code\":15,\"invalid-event-number\":2}", HEC_BAD_EVENT},
        {"query string", 400, "{\"code\":16}", HEC_CONFIG},
        {"healthy", 200, "{\"code\":17}", HEC_TAKEN},
        {"queues full", 503, "{\"code\":18}", HEC_RETRY},
        {"acknowledgements unavailable", 503, "{\"code\":19}", HEC_RETRY},
        {"both", 503, "{\"code\":20}", HEC_RETRY},
        {"health: invalid token", 400, "{\"code\":21}", HEC_CONFIG},
        {"health: token disabled", 400, "{\"code\":22}", HEC_CONFIG},
        {"shutting down", 503, "{\"code\":23}", HEC_RETRY},
        {"queue nearly full: taken", 200, "{\"code\":24}", HEC_TAKEN},
        {"acknowledgements nearly full: taken", 200, "{\"code\":25}", HEC_TAKEN},
        {"queue full", 429, "{\"code\":26}", HEC_RETRY},
        {"acknowledgement channel full", 429, "{\"code\":27}", HEC_RETRY},
        {"Cloud: no channel", 400, "{\"code\":28}", HEC_CONFIG},
        {"a later code, taken", 200, "{\"code\":99}", HEC_TAKEN},
        {"a later code, refused", 400, "{\"code\":99}", HEC_BAD_BODY},
        {"a proxy's page", 502, "<html>", HEC_RETRY},
        {"too large", 413, "<html>", HEC_TOO_LARGE},
        {"wrong address", 404, "", HEC_CONFIG},
        {"an encoding refused", 415, "{}", HEC_CONFIG},
        {"a gateway's own code, away", 503, "{\"code\":5}", HEC_RETRY},
        {"a gateway's own code, internal", 500, "{\"code\":13}", HEC_RETRY},
        {"a gateway's own code, not found", 404, "{\"code\":5}", HEC_CONFIG},
        {"busy, and yet 200", 200, "{\"code\":9}", HEC_RETRY},
        {"a code that is no number", 503, "{\"code\":\"9\"}", HEC_RETRY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct hec_reply reply = hec_read_reply(text_of(cases[i].body));
        const enum hec_outcome got = hec_judge(cases[i].status, &reply, 3);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].name, (int)got, (int)cases[i].want);
    }
}

static void the_only_event_is_the_one_at_fault(void **state)
{
    const struct hec_reply reply =
        hec_read_reply(TEXT("{\"code\":6,\"invalid-event-number\":0,\"text\":\"Invalid data\"}"));

    (void)state;
    assert_int_equal(hec_judge(400, &reply, 1), HEC_BAD_EVENT);
}

static void acknowledgements_are_read(void **state)
{
    static const struct {
        const char *body;
        bool want;
    } cases[] = {
        {"{\"acks\":{\"7\":true,\"8\":false}}", true},
        {"{\"acks\":{\"7\":false}}", false},
        {"{\"acks\":{\"70\":true}}", false},
        {"{\"acks\":{\"7\":1}}", false},
        {"{\"acks\":[7]}", false},
        {"", false},
        {"<html>", false},
    };

    (void)state;
    assert_int_equal(hec_read_reply(TEXT("{\"code\":0,\"ackId\":7}")).ack, 7);
    assert_int_equal(hec_read_reply(TEXT("{\"code\":0,\"ackId\":\"7\"}")).ack, 7);
    assert_int_equal(hec_read_reply(TEXT("{\"code\":0,\"ackId\":\"x\"}")).ack, HEC_UNKNOWN);
    assert_int_equal(hec_read_reply(TEXT("{\"code\":0}")).ack, HEC_UNKNOWN);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (hec_is_acknowledged(text_of(cases[i].body), 7) != cases[i].want)
            fail_msg("%s is read otherwise", cases[i].body);
    }
}

UNIT_MAIN(cmocka_unit_test(an_event_has_its_time_in_seconds_and_its_id_indexed),
          cmocka_unit_test(replies_are_judged_by_their_code),
          cmocka_unit_test(the_only_event_is_the_one_at_fault),
          cmocka_unit_test(acknowledgements_are_read))
