#include "unit.h"

#include "base/buf.h"
#include "base/ioc.h"
#include "base/record_json.h"

static void a_key_says_tenant_type_and_value(void **state)
{
    static const struct {
        const char *tenant, *value, *want;
        enum ioc_type type;
    } cases[] = {
        {"", "192.0.2.1", "ip:192.0.2.1", IOC_IP},
        {"", "2001:db8::/32", "cidr:2001:db8::/32", IOC_CIDR},
        {"", "http://e.example/ip:1", "url:http://e.example/ip:1", IOC_URL},
        {"acme", "e.example", "acme/domain:e.example", IOC_DOMAIN},
        {"acme", "http://e.example/a", "acme/url:http://e.example/a", IOC_URL},
    };

    (void)state;
    AUTO(arena) arena = arena_new(4096);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text key =
            ioc_key(text_of(cases[i].tenant), cases[i].type, text_of(cases[i].value), arena);
        struct text tenant, value;
        enum ioc_type type;

        unit_text(cases[i].want, key, cases[i].want);
        assert_true(ioc_key_parse(key, &tenant, &type, &value));
        unit_text(cases[i].want, tenant, cases[i].tenant);
        unit_text(cases[i].want, value, cases[i].value);
        assert_int_equal(type, cases[i].type);
    }
}

static void what_is_no_key_is_refused(void **state)
{
    static const char *const cases[] = {"",      "ip", "ip:",      "ipv4:1.2.3.4", "/ip:1.2.3.4",
                                        "acme/", ":",  "acme/ip:", "acme/foo:bar"};
    struct text tenant, value;
    enum ioc_type type;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (ioc_key_parse(text_of(cases[i]), &tenant, &type, &value))
            fail_msg("'%s' was taken for a key", cases[i]);
    }
}

static void a_record_comes_back_from_json(void **state)
{
    struct text tags[] = {TEXT("c2"), TEXT("tlp:clear")};
    struct ioc_source sources[2];
    struct ioc ioc, again;
    AUTO_BUF first = {0};
    AUTO_BUF second = {0};
    AUTO(arena) arena = arena_new(4096);
    struct error err = {0};

    (void)state;
    record_set_defaults(&ioc_record, &ioc);
    assert_true(ioc.valid_until == RECORD_NULL);
    sources[0] = (struct ioc_source){.name = TEXT("a"),
                                     .first_seen = 1,
                                     .last_seen = 2,
                                     .confidence = 0.5,
                                     .valid_until = RECORD_NULL,
                                     .tags = {tags, 2}};
    sources[1] = (struct ioc_source){.name = TEXT("b"), .valid_until = 1700000000000};
    ioc.value = TEXT("e.example");
    ioc.ioc_type = IOC_DOMAIN;
    ioc.sources = (struct record_list){sources, 2};
    record_json_write(&ioc_record, &ioc, &first);
    assert_int_equal(record_json_read(&ioc_record, buf_text(&first), arena, &again, &err), 0);
    record_json_write(&ioc_record, &again, &second);
    unit_text("written again", buf_text(&second), buf_string(&first));
    assert_int_equal(again.sources.count, 2);
    assert_int_equal(again.ioc_type, IOC_DOMAIN);
}

UNIT_MAIN(cmocka_unit_test(a_key_says_tenant_type_and_value),
          cmocka_unit_test(what_is_no_key_is_refused),
          cmocka_unit_test(a_record_comes_back_from_json))
