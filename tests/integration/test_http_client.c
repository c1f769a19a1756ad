#include "unit.h"

#include "io/http_client.h"

enum { NOW = 784111777 }; /* Sun, 06 Nov 1994 08:49:37 GMT, as RFC 9110 has it */

static void retry_after_is_seconds_or_a_date(void **state)
{
    static const struct {
        const char *value;
        int64_t ms;
    } rows[] = {
        {"120", 120000},
        {"0", 0},
        {"-5", 0},
        {"Sun, 06 Nov 1994 08:50:37 GMT", 60000},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Sat, 05 Nov 1994 08:49:37 GMT", 0},
        {"999999999999", 864000000},
        {"99999999999999999999999", 0},
        {"soon", 0},
        {"", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t ms = http_client_retry_after(rows[i].value, NOW);

        if (ms != rows[i].ms)
            fail_msg("'%s': %lld ms, not %lld", rows[i].value, (long long)ms,
                     (long long)rows[i].ms);
    }
}

static void a_header_is_known_by_its_whole_name(void **state)
{
    static const struct {
        const char *line, *value; /* NULL: it is another */
    } rows[] = {
        {"ETag: \"abc\"\r\n", "\"abc\""},
        {"etag:x", "x"},
        {"ETAG: \t 1234567 \r\n", "1234567"},
        {"ETag:\r\n", ""},
        {"ETag: 12345678\r\n", NULL}, /* no room */
        {"ETagged: x\r\n", NULL},
        {"ETa", NULL},
        {"ETag", NULL},
        {"\r\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char value[8] = "before";
        bool is_found = http_client_header(text_of(rows[i].line), "ETag", value, sizeof(value));

        if (is_found != (rows[i].value != NULL))
            fail_msg("%s: found %d", rows[i].line, is_found);
        assert_string_equal(value, is_found ? rows[i].value : "before");
    }
}

static void what_an_operator_has_to_mend_is_told_from_what_passes(void **state)
{
    static const struct {
        CURLcode code;
        const char *problem;
        enum error_class class;
    } rows[] = {
        {CURLE_PEER_FAILED_VERIFICATION, "", ERROR_CONFIG},
        {CURLE_SSL_CERTPROBLEM, "", ERROR_CONFIG},
        {CURLE_URL_MALFORMAT, "", ERROR_CONFIG},
        {CURLE_COULDNT_CONNECT, "Failed to connect", ERROR_RETRY},
        {CURLE_OPERATION_TIMEDOUT, "", ERROR_RETRY},
        {CURLE_COULDNT_RESOLVE_HOST, "", ERROR_RETRY},
        {CURLE_RECV_ERROR, "Recv failure: Connection reset by peer", ERROR_RETRY},
        {CURLE_RECV_ERROR,
         "OpenSSL SSL_read: OpenSSL/3.0.17: error:0A00045C:SSL routines::tlsv13 alert certificate "
         "required, errno 0",
         ERROR_CONFIG},
        {CURLE_SSL_CONNECT_ERROR, "error:0A000410:SSL routines::sslv3 alert handshake failure",
         ERROR_CONFIG},
        {CURLE_RECV_ERROR, "error:0A000418:SSL routines::tlsv1 alert unknown ca", ERROR_CONFIG},
        {CURLE_RECV_ERROR, "error:0A000438:SSL routines::tlsv1 alert internal error", ERROR_RETRY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (http_client_class(rows[i].code, rows[i].problem) != rows[i].class)
            fail_msg("%d, %s", rows[i].code, rows[i].problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retry_after_is_seconds_or_a_date),
        cmocka_unit_test(a_header_is_known_by_its_whole_name),
        cmocka_unit_test(what_an_operator_has_to_mend_is_told_from_what_passes),
    };

    return unit_end(cmocka_run_group_tests(tests, NULL, NULL));
}
