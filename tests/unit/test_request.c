#include "unit.h"

#include "forwarder/request.h"

static void secrets_are_not_shown(void **state)
{
    AUTO_REQUEST request = {0};
    AUTO_BUF shown = {0};

    (void)state;
    buf_add_string(&request.url, "https://hooks.example/services/T0/key-1");
    request_hide(&request, TEXT("T0/key-1"));
    request_authorize(&request, "Bearer", TEXT("s3cret"));
    request_header(&request, "X-Two", TEXT("2"));
    request_veiled_header(&request, "X-One", TEXT("e"));
    buf_add_string(&request.body, "{\"key\":\"s3cret\"}");
    request_show(&request, &shown);
    unit_text("shown", buf_text(&shown),
              "POST https://hooks.example/services/***\nAuthorization: Bearer ***\nX-Two: "
              "2\nX-One: ***\n\n"
              "{\"key\":\"***\"}");
}

static void a_header_stays_one(void **state)
{
    AUTO_REQUEST request = {0};

    (void)state;
    request_header(&request, "X-One", TEXT("a\r\nX-Forged: b\0c\x7F"));
    const char *first = request_next_header(&request, NULL);

    assert_string_equal(first, "X-One: aX-Forged: bc");
    assert_null(request_next_header(&request, first));
}

static void a_request_without_headers_has_none(void **state)
{
    AUTO_REQUEST request = {0};

    (void)state;
    assert_null(request_next_header(&request, NULL));
}

static void a_compressed_body_is_said_to_be_one(void **state)
{
    AUTO_REQUEST request = {0};
    AUTO_BUF shown = {0};

    (void)state;
    buf_add_string(&request.body, "aaaa");
    request_compress(&request);
    assert_memory_equal(request.body.bytes, "\x1F\x8B", 2);
    assert_string_equal(request_next_header(&request, NULL), "Content-Encoding: gzip");
    request_show(&request, &shown);
    assert_true(text_ends(buf_text(&shown), TEXT(" bytes, gzip)\n")));
}

UNIT_MAIN(cmocka_unit_test(secrets_are_not_shown), cmocka_unit_test(a_header_stays_one),
          cmocka_unit_test(a_request_without_headers_has_none),
          cmocka_unit_test(a_compressed_body_is_said_to_be_one))
