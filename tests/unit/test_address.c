#include "unit.h"

#include "base/cidr.h"

static const struct {
    const char *text, *want; /* NULL: refused */
} forms[] = {
    {"10.0.0.1", "10.0.0.1"},
    {"255.255.255.255", "255.255.255.255"},
    {"::ffff:10.0.0.1", "10.0.0.1"},
    {"::FFFF:a00:1", "10.0.0.1"},
    {"2001:DB8::1", "2001:db8::1"},
    {"[2001:db8::1]", "2001:db8::1"},
    {"fe80::1%eth0", "fe80::1"},
    {"[fe80::1%eth0]", "fe80::1"},
    {"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
    {"::", "::"},
    {"::1", "::1"},
    {"1::", "1::"},
    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
    {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
    {"0:0:1::", "0:0:1::"},
    {"010.0.0.1", NULL},
    {"10.0.0.01", NULL},
    {"10.0.0.256", NULL},
    {"10.0.0", NULL},
    {"10.0.0.1.", NULL},
    {"10.0.0.1.2", NULL},
    {"10..0.1", NULL},
    {"0x0a.0.0.1", NULL},
    {"167772161", NULL},
    {"10.0.0.1000000000000000000000", NULL},
    {"[10.0.0.1]", NULL},
    {" 10.0.0.1", NULL},
    {":", NULL},
    {":::", NULL},
    {":1", NULL},
    {"1:", NULL},
    {"1::2::3", NULL},
    {"1:2:3:4:5:6:7", NULL},
    {"1:2:3:4:5:6:7:8:9", NULL},
    {"1:2:3:4:5:6:7:8::", NULL},
    {"::1:2:3:4:5:6:7:8", NULL},
    {"1:2:3:4:5:6:7:1.2.3.4", NULL},
    {"::1.2.3.4:5", NULL},
    {"12345::", NULL},
    {"g::", NULL},
    {"fe80::1%", NULL},
    {"[::1", NULL},
    {"::1]", NULL},
    {"[]", NULL},
    {"[", NULL},
    {"-", NULL},
    {"", NULL},
    {"localhost", NULL},
};

static void addresses_are_read_and_written_in_one_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct address address;
        AUTO_BUF text = {0};

        if (address_parse(text_of(forms[i].text), &address))
            address_write(&address, &text);
        unit_text(forms[i].text, buf_text(&text), forms[i].want);
    }
}

static void an_endpoint_may_have_a_port(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"10.0.0.1:443", "10.0.0.1"},
        {"10.0.0.1", "10.0.0.1"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"2001:db8::1", "2001:db8::1"},
        {"2001:db8::1:443", "2001:db8::1:443"}, /* nobody can know better */
        {"10.0.0.1:65536", NULL},
        {"10.0.0.1:", NULL},
        {"10.0.0.1:x", NULL},
        {"[2001:db8::1]:", NULL},
        {"[2001:db8::1]x", NULL},
        {":443", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct address address;
        AUTO_BUF text = {0};

        if (address_parse_endpoint(text_of(cases[i].text), &address))
            address_write(&address, &text);
        unit_text(cases[i].text, buf_text(&text), cases[i].want);
    }
}

/* Made by CPython with the ranges of its ipaddress module: what lies at and beside the ends of
 * each, and some others:
 *     c, d = ipaddress._IPv4Constants, ipaddress._IPv6Constants
 *     for n in c._private_networks + c._private_networks_exceptions + d._private_networks + …:
 *         for a in (n[0] - 1, n[0], n[-1], n[-1] + 1): print(a, a.is_private)
 */
static const struct {
    const char *text;
    bool want;
} privates[] = {
    {"0.0.0.0", true},
    {"0.255.255.255", true},
    {"1.0.0.0", false},
    {"9.255.255.255", false},
    {"10.0.0.0", true},
    {"10.255.255.255", true},
    {"11.0.0.0", false},
    {"126.255.255.255", false},
    {"127.0.0.0", true},
    {"127.255.255.255", true},
    {"128.0.0.0", false},
    {"169.253.255.255", false},
    {"169.254.0.0", true},
    {"169.254.255.255", true},
    {"169.255.0.0", false},
    {"172.15.255.255", false},
    {"172.16.0.0", true},
    {"172.31.255.255", true},
    {"172.32.0.0", false},
    {"191.255.255.255", false},
    {"192.0.0.0", true},
    {"192.0.0.255", true},
    {"192.0.1.0", false},
    {"192.0.0.169", true},
    {"192.0.0.170", true},
    {"192.0.0.171", true},
    {"192.0.0.172", true},
    {"192.0.1.255", false},
    {"192.0.2.0", true},
    {"192.0.2.255", true},
    {"192.0.3.0", false},
    {"192.167.255.255", false},
    {"192.168.0.0", true},
    {"192.168.255.255", true},
    {"192.169.0.0", false},
    {"198.17.255.255", false},
    {"198.18.0.0", true},
    {"198.19.255.255", true},
    {"198.20.0.0", false},
    {"198.51.99.255", false},
    {"198.51.100.0", true},
    {"198.51.100.255", true},
    {"198.51.101.0", false},
    {"203.0.112.255", false},
    {"203.0.113.0", true},
    {"203.0.113.255", true},
    {"203.0.114.0", false},
    {"239.255.255.255", false},
    {"240.0.0.0", true},
    {"255.255.255.255", true},
    {"255.255.255.254", true},
    {"192.0.0.8", true},
    {"192.0.0.9", false},
    {"192.0.0.10", false},
    {"192.0.0.11", true},
    {"::", true},
    {"::1", true},
    {"::2", false},
    {"::fffe:ffff:ffff", false},
    {"::ffff:0:0", true},
    {"::ffff:ffff:ffff", true},
    {"::1:0:0:0", false},
    {"64:ff9b:0:ffff:ffff:ffff:ffff:ffff", false},
    {"64:ff9b:1::", true},
    {"64:ff9b:1:ffff:ffff:ffff:ffff:ffff", true},
    {"64:ff9b:2::", false},
    {"ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"100::", true},
    {"100::ffff:ffff:ffff:ffff", true},
    {"100:0:0:1::", false},
    {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001::", true},
    {"2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"2001:200::", false},
    {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:db8::", true},
    {"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"2001:db9::", false},
    {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2002::", true},
    {"2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"2003::", false},
    {"fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"fc00::", true},
    {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"fe00::", false},
    {"fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"fe80::", true},
    {"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"fec0::", false},
    {"2001:1::", true},
    {"2001:1::1", false},
    {"2001:1::2", false},
    {"2001:1::3", true},
    {"2001:2:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"2001:3::", false},
    {"2001:3:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:4::", true},
    {"2001:4:111:ffff:ffff:ffff:ffff:ffff", true},
    {"2001:4:112::", false},
    {"2001:4:112:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:4:113::", true},
    {"2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"2001:20::", false},
    {"2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:30::", false},
    {"2001:3f:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:40::", true},
    {"8.8.8.8", false},
    {"100.64.0.1", false},
    {"224.0.0.1", false},
    {"::ffff:10.0.0.1", true},
    {"::ffff:8.8.8.8", false},
    {"2606:4700::1111", false},
    {"fd00::1", true},
    {"fec0::1", false},
    {"ff02::1", false},
    {"2001:0:4136:e378::", true},
    {"64:ff9b::808:808", false},
    {"185.220.100.1", false},
    {"1.1.1.1", false},
    {"2001:4860:4860::8888", false},
};

static void private_is_what_python_calls_private(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(privates); i++) {
        struct address address;

        if (!address_parse(text_of(privates[i].text), &address))
            fail_msg("%s: refused", privates[i].text);
        if (address_is_private(&address) != privates[i].want)
            fail_msg("%s: got %d", privates[i].text, !privates[i].want);
    }
}

static void ranges_hold_what_shares_their_prefix(void **state)
{
    static const struct {
        const char *range, *address;
        bool want;
    } cases[] = {
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.1.2.3/8", "10.9.9.9", true}, /* bits behind the prefix do not count */
        {"10.0.0.0/9", "10.127.0.0", true},
        {"10.0.0.0/9", "10.128.0.0", false},
        {"10.0.0.1", "10.0.0.1", true},
        {"10.0.0.1", "10.0.0.2", false},
        {"10.0.0.1/32", "10.0.0.2", false},
        {"0.0.0.0/0", "203.0.113.1", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "10.0.0.1", true}, /* IPv4 is a part of it */
        {"2001:db8::/33", "2001:db8:7fff::", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"::ffff:10.0.0.0/104", "10.0.0.1", true},
        {"::1/128", "::1", true},
        {"185.220.100.0/24", "185.220.100.17", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cidr cidr;
        struct address address;

        assert_true(cidr_parse(text_of(cases[i].range), &cidr));
        assert_true(address_parse(text_of(cases[i].address), &address));
        if (cidr_contains(&cidr, &address) != cases[i].want)
            fail_msg("%s in %s: got %d", cases[i].address, cases[i].range, !cases[i].want);
    }
}

static void what_is_no_range_is_refused(void **state)
{
    static const char *const cases[] = {
        "10.0.0.0/33", "10.0.0.0/",   "10.0.0.0/08", "10.0.0.0/-1",  "10.0.0/8", "/8", "",
        "::/129",      "10.0.0.0/8/", "10.0.0.0/8 ", "10.0.0.0/999", "::1/0128",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cidr cidr;

        if (cidr_parse(text_of(cases[i]), &cidr))
            fail_msg("'%s' is taken", cases[i]);
    }
}

UNIT_MAIN(cmocka_unit_test(addresses_are_read_and_written_in_one_form),
          cmocka_unit_test(an_endpoint_may_have_a_port),
          cmocka_unit_test(private_is_what_python_calls_private),
          cmocka_unit_test(ranges_hold_what_shares_their_prefix),
          cmocka_unit_test(what_is_no_range_is_refused))
