#include "unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_registry.h"
#include "io/schema_registry.h"

#define AUTO_REGISTRY __attribute__((cleanup(close_registry))) struct schema_registry *

static void close_registry(struct schema_registry **registry)
{
    schema_registry_close(*registry);
}

static void a_schema_is_registered_once(void **state)
{
    AUTO(fake_registry) fake = fake_registry_start();
    const struct registry_settings settings = {
        .url = fake->url, .user = "u", .password = "p:w", .timeout_ms = UNIT_LIMIT_MS};
    AUTO_REGISTRY registry = schema_registry_open(&settings);
    uint32_t id = 0;

    (void)state;
    fake->status = 200;
    fake->body = "{\"id\":7}";
    for (int i = 0; i < 3; i++) {
        assert_int_equal(
            schema_registry_register(registry, "a/b ü-value", TEXT("\"null\""), &id, NULL), 0);
        assert_int_equal(id, 7);
    }
    assert_int_equal(fake->count, 1);
    /* MHD has decoded the path; "dTpwOnc=" is u:p:w. */
    assert_string_equal(buf_string(&fake->asked), "POST /subjects/a/b ü-value/versions|"
                                                  "Basic dTpwOnc=|{\"schema\":\"\\\"null\\\"\"}");
    fake->body = "{\"id\":8}";
    assert_int_equal(schema_registry_register(registry, "c", TEXT("\"null\""), &id, NULL), 0);
    assert_int_equal(id, 8);
}

static void a_schema_is_asked_for_once(void **state)
{
    AUTO(fake_registry) fake = fake_registry_start();
    const struct registry_settings settings = {.url = fake->url, .timeout_ms = UNIT_LIMIT_MS};
    AUTO_REGISTRY registry = schema_registry_open(&settings);
    struct text schema;

    (void)state;
    fake->status = 200;
    fake->body = "{\"schema\":\"{\\\"type\\\":\\\"null\\\"}\"}";
    for (int i = 0; i < 3; i++) {
        assert_int_equal(schema_registry_find(registry, 4294967295, &schema, NULL), 0);
        unit_text("schema", schema, "{\"type\":\"null\"}");
    }
    assert_int_equal(fake->count, 1);
    assert_string_equal(buf_string(&fake->asked), "GET /schemas/ids/4294967295||");
}

static void an_unknown_id_is_poison_and_not_asked_for_again(void **state)
{
    AUTO(fake_registry) fake = fake_registry_start();
    const struct registry_settings settings = {.url = fake->url, .timeout_ms = UNIT_LIMIT_MS};
    AUTO_REGISTRY registry = schema_registry_open(&settings);
    struct text schema = TEXT("as before");
    struct error err = {0};

    (void)state;
    fake->status = 404;
    fake->body = "{\"error_code\":40403,\"message\":\"Schema not found\"}";
    for (int i = 0; i < 3; i++) {
        assert_int_equal(schema_registry_find(registry, 5, &schema, &err), -ENOENT);
        assert_int_equal(err.class, ERROR_POISON);
        assert_non_null(strstr(err.text, "knows no schema with id 5"));
    }
    assert_int_equal(fake->count, 1);
    unit_text("untouched", schema, "as before");
}

static void what_fails_says_whether_waiting_helps(void **state)
{
    static const struct {
        const char *name;
        unsigned status;
        const char *body;
        uint64_t spaces;
        enum error_class want;
        const char *text;
    } cases[] = {
        {"unauthorised", 401, "{\"error_code\":40101,\"message\":\"Unauthorized\"}", 0,
         ERROR_CONFIG, "status 401: Unauthorized"},
        {"forbidden", 403, "", 0, ERROR_CONFIG, "status 403: "},
        {"nothing there", 404, "<html>Not here</html>", 0, ERROR_CONFIG,
         "status 404: <html>Not here</html>"},
        {"incompatible", 409, "{\"error_code\":409,\"message\":\"Incompatible schema\"}", 0,
         ERROR_CONFIG, "status 409: Incompatible schema"},
        {"invalid", 422, "{\"error_code\":42201,\"message\":\"Invalid schema\"}", 0, ERROR_CONFIG,
         "status 422: Invalid schema"},
        {"moved", 301, "", 0, ERROR_CONFIG, "status 301: "},
        {"too many requests", 429, "", 0, ERROR_RETRY, "status 429: "},
        {"broken", 500, "{\"error_code\":50001,\"message\":\"Error in the backend\"}", 0,
         ERROR_RETRY, "status 500: Error in the backend"},
        {"behind a proxy", 503, "<html>", 0, ERROR_RETRY, "status 503: <html>"},
        {"hangs up", 0, "", 0, ERROR_RETRY, "mpty reply from server"},
        {"no JSON", 200, "<html>", 0, ERROR_CONFIG, "is this a registry?"},
        {"no id", 200, "{\"id\":\"seven\"}", 0, ERROR_CONFIG, "is this a registry?"},
        {"a flood", 200, "", 64 << 20, ERROR_CONFIG,
         "answers more than 4 MiB: is this a registry?"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(fake_registry) fake = fake_registry_start();
        const struct registry_settings settings = {.url = fake->url, .timeout_ms = UNIT_LIMIT_MS};
        AUTO_REGISTRY registry = schema_registry_open(&settings);
        struct error err = {0};
        uint32_t id = 77;

        fake->status = cases[i].status;
        fake->body = cases[i].body;
        fake->spaces = cases[i].spaces;
        if (schema_registry_register(registry, "s", TEXT("\"null\""), &id, &err) >= 0)
            fail_msg("%s: taken", cases[i].name);
        if (err.class != cases[i].want || !strstr(err.text, cases[i].text))
            fail_msg("%s: got class %d, '%s'", cases[i].name, err.class, err.text);
        assert_int_equal(id, 77);
    }
}

static void a_registry_that_is_away_is_not_asked_for_each_record(void **state)
{
    AUTO(fake_registry) fake = fake_registry_start();
    const struct registry_settings settings = {.url = fake->url, .timeout_ms = UNIT_LIMIT_MS};
    AUTO_REGISTRY registry = schema_registry_open(&settings);
    struct text schema;
    struct error err = {0};

    (void)state;
    fake->status = 503;
    for (uint32_t id = 0; id < 100; id++) {
        assert_int_equal(schema_registry_find(registry, id, &schema, &err), -EAGAIN);
        assert_int_equal(err.class, ERROR_RETRY);
        assert_non_null(strstr(err.text, "status 503"));
    }
    assert_true(fake->count < 10); /* one a second, on however slow a machine */
}

static void one_that_does_not_answer_is_away(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    char url[64];

    (void)state;
    assert_int_equal(bind(server, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(server, (struct sockaddr *)&address, &size), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d", ntohs(address.sin_port));
    for (int listening = 0; listening < 2; listening++) { /* refused, then never accepted */
        const struct registry_settings settings = {.url = url, .timeout_ms = 100};
        AUTO_REGISTRY registry = schema_registry_open(&settings);
        struct text schema;
        struct error err = {0};

        if (listening)
            assert_int_equal(listen(server, 5), 0);
        assert_int_equal(schema_registry_find(registry, 1, &schema, &err), -EAGAIN);
        assert_int_equal(err.class, ERROR_RETRY);
        assert_non_null(strstr(err.text, url));
    }
    close(server);
}

UNIT_MAIN(cmocka_unit_test(a_schema_is_registered_once),
          cmocka_unit_test(a_schema_is_asked_for_once),
          cmocka_unit_test(an_unknown_id_is_poison_and_not_asked_for_again),
          cmocka_unit_test(what_fails_says_whether_waiting_helps),
          cmocka_unit_test(a_registry_that_is_away_is_not_asked_for_each_record),
          cmocka_unit_test(one_that_does_not_answer_is_away))
