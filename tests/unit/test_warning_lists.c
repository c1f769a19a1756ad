#include "unit.h"

#include "base/buf.h"
#include "iocfeed/warning_lists.h"

#define IPS "\"matching_attributes\":[\"ip-src\",\"ip-dst\",\"domain|ip\"]"
#define NAMES "\"matching_attributes\":[\"domain\",\"hostname\",\"url\"]"

static const char *const files[] = {
    "{\"name\":\"strings\",\"type\":\"string\",\"list\":[\"One.example\",\"192.0.2.1\","
    "\"2001:DB8:0::9\",\"d41d8cd98f00b204e9800998ecf8427f\"]}",
    "{\"name\":\"dots\",\"type\":\"string\",\"list\":[\".two.example\"]," NAMES "}",
    "{\"name\":\"substrings\",\"type\":\"substring\",\"list\":[\"Sandbox\"]," NAMES "}",
    "{\"name\":\"hostnames\",\"type\":\"hostname\",\"list\":[\"three.example\"]," NAMES "}",
    "{\"name\":\"ranges\",\"type\":\"cidr\",\"list\":[\"198.51.100.0/24\",\"2001:db8:1::/48\","
    "\"203.0.113.7\",\"junk\"]," IPS "}",
    "{\"name\":\"urls in ranges\",\"type\":\"cidr\",\"list\":[\"198.51.100.0/24\"],"
    "\"matching_attributes\":[\"url\"]}",
    "{\"name\":\"patterns\",\"type\":\"regex\",\"list\":[\"/^(abuse|soc)\\\\@.*$/i\",\"/(/\"],"
    "\"matching_attributes\":[\"email-dst\"]}",
    "{\"name\":\"composites\",\"type\":\"string\",\"list\":[\"four.example\"],"
    "\"matching_attributes\":[\"domain|ip\"]}",
};

static struct warning_lists *load(void)
{
    struct warning_lists *lists = warning_lists_new();
    struct error err = {0};

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (warning_lists_add(lists, "file", text_of(files[i]), &err) < 0)
            fail_msg("%s", err.text);
    }
    assert_int_equal(warning_lists_allow(lists, "own",
                                         TEXT("# mine\n198.18.0.0/15\nfive[.]example # x\n\n"
                                              "http://six.example/ok\na@seven.example\n"),
                                         &err),
                     0);
    return lists;
}

static void each_type_matches_in_its_way(void **state)
{
    static const struct {
        const char *value, *misp_type, *list; /* NULL: no list has it */
    } cases[] = {
        {"one.example", "", "strings"},
        {"www.one.example", "", NULL},
        {"192.0.2.1", "", "strings"},
        {"2001:db8::9", "", "strings"},
        {"D41D8CD98F00B204E9800998ECF8427F", "", "strings"},
        {"http://one.example/x", "", "strings"},
        {"two.example", "", "dots"},
        {"www.two.example", "", "dots"},
        {"my-sandbox.example", "", "substrings"},
        {"http://a.example/SANDBOX", "", "substrings"},
        {"sandbox@a.example", "", NULL}, /* not for mail addresses */
        {"three.example", "", "hostnames"},
        {"a.b.three.example", "", "hostnames"},
        {"notthree.example", "", NULL},
        {"https://a.three.example:8443/x", "", "hostnames"},
        {"198.51.100.9", "", "ranges"},
        {"198.51.100.0/25", "", "ranges"},
        {"198.51.0.0/16", "", NULL}, /* more than what is listed */
        {"2001:db8:1:2::3", "", "ranges"},
        {"203.0.113.7", "", "ranges"},
        {"203.0.113.8", "", NULL},
        {"http://198.51.100.9/x", "", "urls in ranges"},
        {"http://203.0.113.7/x", "", NULL},
        {"Abuse@any.example", "", "patterns"},
        {"four.example", "", NULL},
        {"four.example", "domain|ip", "composites"},
        {"198.19.0.1", "", "own"},
        {"a.five.example", "", "own"},
        {"http://a.five.example/x", "", "own"},
        {"a@five.example", "", "own"},
        {"http://six.example/ok", "", "own"},
        {"http://six.example/other", "", NULL},
        {"a@seven.example", "", "own"},
        {"b@seven.example", "", NULL},
    };
    const struct indicator_rules rules = {.looking_up = true};
    AUTO(arena) arena = arena_new(4096);
    AUTO(warning_lists) lists = load();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct indicator found;
        struct warning_hit hit = {0};

        assert_int_equal(
            indicator_read(text_of(cases[i].value), INDICATOR_ANY, &rules, arena, &found),
            INDICATOR_GOOD);
        if (warning_lists_find(lists, &found, text_of(cases[i].misp_type), &hit) != !!cases[i].list)
            fail_msg("%s: got %s", cases[i].value, hit.list ? hit.list : "no list");
        unit_text(cases[i].value, text_of(hit.list), cases[i].list ? cases[i].list : "");
    }
}

static void what_cannot_be_read_is_counted(void **state)
{
    AUTO(warning_lists) lists = load();
    struct warning_lists_size size = warning_lists_size(lists);

    (void)state;
    assert_int_equal(size.lists, COUNT_OF(files) + 1);
    assert_int_equal(size.unusable, 2); /* junk, and a pattern that does not compile */
}

static void what_is_no_list_is_refused(void **state)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {"{", "f: not JSON at byte 1: unexpected end of data"},
        {"{\"type\":\"string\"}", "f: a warning list needs a `list`"},
        {"{\"type\":\"glob\",\"list\":[]}",
         "f: type is 'glob'; it may be string, substring, hostname, cidr or regex"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(warning_lists) lists = warning_lists_new();
        struct error err = {0};

        assert_true(warning_lists_add(lists, "f", text_of(cases[i].json), &err) < 0);
        unit_text(cases[i].json, text_of(err.text), cases[i].want);
    }
    AUTO(warning_lists) lists = warning_lists_new();
    struct error err = {0};

    assert_true(warning_lists_allow(lists, "own", TEXT("192.0.2.1\nnot a value\n"), &err) < 0);
    unit_text("own", text_of(err.text),
              "own:2: 'not a value' is not an address, range, domain, URL, hash or mail address");
}

UNIT_MAIN(cmocka_unit_test(each_type_matches_in_its_way),
          cmocka_unit_test(what_cannot_be_read_is_counted),
          cmocka_unit_test(what_is_no_list_is_refused))
